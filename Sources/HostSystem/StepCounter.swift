import Synchronization

/// Counts the steps that several threads complete and reports each, in order.
package final class StepCounter: Sendable {
  private let activity: String
  private let total: Int
  private let reporter: any Reporter
  private let completed = Mutex(0)

  /// Begins an activity of `total` steps.
  package init(_ activity: String, total: Int, reporter: any Reporter) {
    self.activity = activity
    self.total = total
    self.reporter = reporter
  }

  /// Reports that more steps are done; may be called from any thread.
  package func step(by count: Int = 1) {
    // Reported under the lock, so that the reported count never decreases.
    completed.withLock { completed in
      completed += count
      reporter.advance(activity, completed: completed, of: total)
    }
  }
}
