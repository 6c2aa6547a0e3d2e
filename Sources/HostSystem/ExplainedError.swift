/// An error that a user can act on: what is wrong, and what to do about it.
///
/// Cases of conforming types carry facts (paths, values, expectations); the prose is written in
/// one `Errors.swift` per target.
public protocol ExplainedError: Error, Sendable, CustomStringConvertible {
  /// What is wrong, naming the file and the value.
  var message: String { get }
  /// What the user can do about it, or `nil` if there is nothing to add.
  var hint: String? { get }
  /// What remains to be said at the end of a program if its reporter has already stated the facts.
  var conclusion: String { get }
}

extension ExplainedError {
  /// The message, unless the error says something else.
  public var conclusion: String { message }
  /// The message, and below it the hint if there is one.
  public var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}

/// What is wrong according to any error: its message where it explains itself.
package func explanation(of error: any Error) -> String {
  (error as? any ExplainedError)?.message ?? "\(error)"
}
