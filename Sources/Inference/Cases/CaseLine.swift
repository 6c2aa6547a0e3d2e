import Foundation
import HostSystem
import Preprocessing
import Synchronization

/// The cases one after the other, with the next one prepared in advance, and those that failed;
/// shared by the threads that predict them.
final class CaseLine: Sendable {
  private struct State {
    var rest: ArraySlice<ImageCase>
    /// The next case.
    var ahead: (identifier: String, work: Future<PreparedCase, any Error>)?
  }

  private let state: Mutex<State>
  private let failures = CaseFailures()
  private let reporter: any Reporter
  private let prepare: @Sendable (ImageCase) -> Future<PreparedCase, any Error>

  /// Begins to prepare the first case.
  init(
    _ cases: [ImageCase], reporter: any Reporter,
    prepare: @escaping @Sendable (ImageCase) -> Future<PreparedCase, any Error>
  ) {
    state = Mutex(State(rest: cases[...]))
    self.reporter = reporter
    self.prepare = prepare
    state.withLock { prepareAhead(&$0) }
  }

  /// Waits until the next case is prepared or has failed; nil if there are no more.
  func next() -> (identifier: String, prepared: Result<PreparedCase, any Error>)? {
    let taken = state.withLock { state in
      prepareAhead(&state)
      defer { state.ahead = nil }
      return state.ahead
    }
    guard let taken else { return nil }
    let prepared = Result { try taken.work.wait() }
    state.withLock { prepareAhead(&$0) }
    return (taken.identifier, prepared)
  }

  /// Reports a case that failed.
  func record(_ error: any Error, in identifier: String) {
    let failure = CaseFailure(identifier: identifier, error: error)
    failures.add(failure)
    reporter.warn("\(identifier) was not predicted: \(failure.reason)")
  }

  /// The cases that failed, by identifier.
  var problems: [CaseFailure] { failures.sorted }

  /// Begins to prepare the next case, if none is.
  private func prepareAhead(_ state: inout State) {
    guard state.ahead == nil else { return }
    state.ahead = state.rest.popFirst().map { ($0.identifier, prepare($0)) }
  }
}
