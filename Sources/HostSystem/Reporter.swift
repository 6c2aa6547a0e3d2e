/// Receives the messages of a long operation; the command line prints them, tests collect them.
///
/// Libraries never print: they get a reporter.
package protocol Reporter: Sendable {
  /// Reports a fact that belongs in a log.
  func note(_ message: String)
  /// Reports something that the user should check, although the work continues.
  func warn(_ message: String)
  /// Reports that `completed` of `total` steps of an activity are done.
  func advance(_ activity: String, completed: Int, of total: Int)
}

/// A reporter that ignores everything.
package struct SilentReporter: Reporter {
  package init() {}
  package func note(_ message: String) {}
  package func warn(_ message: String) {}
  package func advance(_ activity: String, completed: Int, of total: Int) {}
}
