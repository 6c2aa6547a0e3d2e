import Foundation
package import HostSystem
import Synchronization

/// The work on several cases as one activity with a total that is known at the start and does not
/// change.
///
/// Every case counts as much as its header suggests. A case that turns out to be smaller, because
/// much of it was cropped, ends sooner; the total does not jump.
package final class CaseProgress: Sendable {
  private struct State {
    /// The completed part of each case's weight.
    var done: [String: Int] = [:]
    var completed = 0
  }

  private let state = Mutex(State())
  private let activity: String
  private let reporter: any Reporter
  private let weights: [String: Int]
  private let total: Int

  /// Begins the activity.
  ///
  /// - Parameters:
  ///   - activity: Its name for the reporter.
  ///   - weights: The amount of work for each case, in any unit; at least 1 and at most 2^40 are
  ///     used.
  ///   - reporter: Receives the progress from the start.
  package init(
    _ activity: String, weights: [String: Int], reporter: any Reporter
  ) {
    self.activity = activity
    self.weights = weights.mapValues { min(max($0, 1), 1 << 40) }
    self.reporter = reporter
    total = self.weights.values.reduce(0, +)
    if total > 0 { reporter.advance(activity, completed: 0, of: total) }
  }

  /// Receives the progress of a case, in any unit.
  package func reporter(of identifier: String) -> any Reporter {
    CaseReporter(progress: self, identifier: identifier)
  }

  /// Ends a case, even a failed one.
  package func finishCase(_ identifier: String) {
    advance(identifier, to: weights[identifier] ?? 0)
  }

  private func advance(_ identifier: String, to amount: Int) {
    state.withLock { state in
      let before = state.done[identifier] ?? 0
      guard amount > before else { return }
      state.done[identifier] = amount
      state.completed += amount - before
      reporter.advance(activity, completed: state.completed, of: total)
    }
  }

  /// The reporter of one case.
  private struct CaseReporter: Reporter {
    let progress: CaseProgress
    let identifier: String

    func note(_ message: String) { progress.reporter.note(message) }
    func warn(_ message: String) { progress.reporter.warn(message) }
    func advance(_ activity: String, completed: Int, of total: Int) {
      guard let weight = progress.weights[identifier], total > 0 else { return }
      // A case ends only when its files are written.
      let part = Int(exactly: (Double(weight) * Double(completed) / Double(total)).rounded(.down))
      progress.advance(identifier, to: min(part ?? 0, weight - 1))
    }
  }
}
