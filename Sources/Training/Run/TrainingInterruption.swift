import Synchronization

/// Asks a training, from another thread, to save its state and possibly to end.
///
/// The command line uses it for signals. The training checks it between two batches, so that the
/// saved state is exact.
package final class TrainingInterruption: Sendable {
  /// A request.
  package enum Request: Hashable, Sendable {
    /// Save and continue; the reason is for the log.
    case save(reason: String)
    /// Save and end.
    case stop(reason: String)
  }

  private let pending = Mutex<Request?>(nil)

  package init() {}

  /// Makes a request; a request to save does not replace one to end.
  package func request(_ request: Request) {
    pending.withLock { pending in
      if case .stop = pending { return }
      pending = request
    }
  }

  /// The open request, which then counts as fulfilled.
  func take() -> Request? {
    pending.withLock { pending in
      defer { pending = nil }
      return pending
    }
  }
}
