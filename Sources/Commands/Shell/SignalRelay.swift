import Foundation
import Synchronization

/// The last signal that came; 0 for none.
///
/// Global, because a signal handler reaches nothing else.
private let lastSignal = Atomic<Int32>(0)

/// Collects the signals that are meant for the programs that this one has started.
final class SignalRelay {
  private static let numbers = [SIGINT, SIGTERM, SIGUSR1, SIGHUP]

  init() {
    lastSignal.store(0, ordering: .sequentiallyConsistent)
    // Handlers, unlike ignored signals, are not inherited by the programs.
    for number in Self.numbers {
      signal(number) { lastSignal.store($0, ordering: .sequentiallyConsistent) }
    }
    // Who started this program may have left them blocked.
    var set = sigset_t()
    sigemptyset(&set)
    for number in Self.numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  deinit { for number in Self.numbers { signal(number, SIG_DFL) } }

  /// The signal to hand on, once; a closed terminal (SIGHUP) ends programs like SIGTERM.
  func take() -> Int32? {
    let number = lastSignal.exchange(0, ordering: .sequentiallyConsistent)
    guard number != 0 else { return nil }
    return number == SIGHUP ? SIGTERM : number
  }
}
