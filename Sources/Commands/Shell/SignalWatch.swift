import Dispatch
import Foundation
import Training

/// Turns the signals of users and batch systems into requests to a training.
///
/// SIGINT and SIGTERM save a checkpoint and end, SIGUSR1 saves one and continues. A second SIGINT
/// or SIGTERM ends the program at once.
final class SignalWatch {
  let interruption = TrainingInterruption()
  private let sources: [any DispatchSourceSignal]

  init() {
    let interruption = interruption
    sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGUSR1, "SIGUSR1")].map { number, name in
      signal(number, SIG_IGN)
      let queue = DispatchQueue(label: "signals")
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if number == SIGUSR1 {
          interruption.request(.save(reason: name))
        } else {
          interruption.request(.stop(reason: name))
          signal(number, SIG_DFL)
          Console.printToStandardError(
            "\(name): ending after this batch, with a checkpoint, or this case; again to end at once"
          )
        }
      }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM, SIGUSR1] { signal(number, SIG_DFL) }
  }
}
