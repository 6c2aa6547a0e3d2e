import Synchronization

/// A case that failed, and why.
public struct CaseFailure: Hashable, Sendable {
  /// The case, or the file that stands for it.
  package var identifier: String
  package var reason: String

  package init(identifier: String, reason: String) {
    self.identifier = identifier
    self.reason = reason
  }

  /// Takes the reason from an error.
  package init(identifier: String, error: any Error) {
    self.init(identifier: identifier, reason: explanation(of: error))
  }
}

/// Collects what went wrong with single cases while the work on the others continues, from several
/// threads.
package final class CaseFailures: Sendable {
  private let failures = Mutex<[CaseFailure]>([])

  package init() {}

  /// What was collected, by identifier.
  package var sorted: [CaseFailure] {
    failures.withLock { $0.sorted { $0.identifier < $1.identifier } }
  }

  /// Adds a case.
  package func add(_ failure: CaseFailure) { failures.withLock { $0.append(failure) } }

  /// The result of `body`; nil after an error, which is then the failure of the case.
  @discardableResult
  package func collect<Value>(_ identifier: String, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch {
      add(CaseFailure(identifier: identifier, error: error))
      return nil
    }
  }
}
