import Foundation
import HostSystem
import Preprocessing

/// The cases one after the other, with the next one prepared in advance, and those that failed;
/// shared by the threads that predict them.
final class CaseLine: @unchecked Sendable {
  private let lock = NSLock()
  private let reporter: any HostSystem.ProgressReporting
  private let prepare: @Sendable (ImageCase) -> BackgroundWork<PreparedCase>
  private var rest: ArraySlice<ImageCase>
  /// The next case.
  private var ahead: (identifier: String, work: BackgroundWork<PreparedCase>)?
  private var failures: [CaseProblem] = []

  /// Begins to prepare the first case.
  init(
    _ cases: [ImageCase], reporter: any HostSystem.ProgressReporting,
    prepare: @escaping @Sendable (ImageCase) -> BackgroundWork<PreparedCase>
  ) {
    rest = cases[...]
    self.reporter = reporter
    self.prepare = prepare
    prepareAhead()
  }

  /// Waits until the next case is prepared or has failed; nil if there are no more.
  func next() -> (identifier: String, prepared: Result<PreparedCase, any Error>)? {
    let taken = lock.withLock {
      if ahead == nil { prepareAhead() }
      defer { ahead = nil }
      return ahead
    }
    guard let taken else { return nil }
    let prepared = Result { try taken.work.wait() }
    lock.withLock { if ahead == nil { prepareAhead() } }
    return (taken.identifier, prepared)
  }

  /// Reports a case that failed.
  func record(_ error: any Error, in identifier: String) {
    let problem = CaseProblem(identifier: identifier, error: error)
    lock.withLock { failures.append(problem) }
    reporter.warn("\(identifier) was not predicted: \(problem.reason)")
  }

  /// The cases that failed, by identifier.
  var problems: [CaseProblem] {
    lock.withLock { failures.sorted { $0.identifier < $1.identifier } }
  }

  private func prepareAhead() {
    ahead = rest.popFirst().map { ($0.identifier, prepare($0)) }
  }
}
