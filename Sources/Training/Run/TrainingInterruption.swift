import Foundation

/// Asks a training, from another thread, to save its state and possibly to end.
///
/// The command line uses it for signals. The training checks it between two batches, so that the
/// saved state is exact.
package final class TrainingInterruption: @unchecked Sendable {
  /// A request.
  package enum Request: Hashable, Sendable {
    /// Save and continue; the reason is for the log.
    case save(reason: String)
    /// Save and end.
    case stop(reason: String)
  }

  private let lock = NSLock()
  private var pending: Request?

  package init() {}

  /// Makes a request; a request to save does not replace one to end.
  package func request(_ request: Request) {
    lock.withLock {
      if case .stop = pending { return }
      pending = request
    }
  }

  /// The open request, which then counts as fulfilled.
  func take() -> Request? {
    lock.withLock {
      defer { pending = nil }
      return pending
    }
  }
}
