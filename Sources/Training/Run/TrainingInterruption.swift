import Foundation

/// Asks a training, from another thread, to save its state and perhaps to end.
///
/// The command line fulfils the wishes of signals with it. The training looks at it between two
/// batches, so that what it saves is exact.
package final class TrainingInterruption: @unchecked Sendable {
  /// What is wanted.
  package enum Request: Hashable, Sendable {
    /// Save and go on; the reason is for the log.
    case save(reason: String)
    /// Save and end.
    case stop(reason: String)
  }

  private let lock = NSLock()
  private var pending: Request?

  package init() {}

  /// Asks for something; a wish to end is not forgotten for one to save.
  package func request(_ request: Request) {
    lock.withLock {
      if case .stop = pending { return }
      pending = request
    }
  }

  /// The wish that was not yet fulfilled, which then counts as fulfilled.
  func take() -> Request? {
    lock.withLock {
      defer { pending = nil }
      return pending
    }
  }
}
