import Foundation
import HostSystem

/// Collects the failures of single cases from several threads while the others continue.
package final class CaseFailures: @unchecked Sendable {
  private let lock = NSLock()
  private var failures: [EvaluationError.CaseFailure] = []

  package init() {}

  /// Runs `body` and remembers its error under the file's name.
  package func collect(file: String, _ body: () throws -> Void) {
    do {
      try body()
    } catch {
      let reason = (error as? any ExplainedError)?.message ?? "\(error)"
      lock.withLock { failures.append(.init(file: file, reason: reason)) }
    }
  }

  /// Throws ``EvaluationError/casesFailed(_:)`` if a case failed.
  package func throwIfAny() throws(EvaluationError) {
    let sorted = lock.withLock { failures.sorted { $0.file < $1.file } }
    guard sorted.isEmpty else { throw .casesFailed(sorted) }
  }
}
