import Foundation
import Synchronization

/// The last received signal; 0 for none.
///
/// Global, because a signal handler reaches nothing else.
private let lastSignal = Atomic<Int32>(0)

/// Collects the signals for the programs that this one started.
final class SignalRelay {
  private static let numbers = [SIGINT, SIGTERM, SIGUSR1, SIGHUP]

  init() {
    lastSignal.store(0, ordering: .sequentiallyConsistent)
    // Unlike ignored signals, handlers are not inherited by the programs.
    for number in Self.numbers {
      signal(number) { lastSignal.store($0, ordering: .sequentiallyConsistent) }
    }
    // The parent of this program may have left them blocked.
    var set = sigset_t()
    sigemptyset(&set)
    for number in Self.numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  deinit { for number in Self.numbers { signal(number, SIG_DFL) } }

  /// The signal to forward, once; a closed terminal (SIGHUP) ends programs like SIGTERM.
  func take() -> Int32? {
    let number = lastSignal.exchange(0, ordering: .sequentiallyConsistent)
    guard number != 0 else { return nil }
    return number == SIGHUP ? SIGTERM : number
  }
}
