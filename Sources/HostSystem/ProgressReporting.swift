/// Receives what a long operation has to say; the command line prints it, tests collect it.
///
/// Libraries never print: they are handed a reporter.
package protocol ProgressReporting: Sendable {
  /// Reports a fact that belongs in a log.
  func note(_ message: String)
  /// Reports something that the user should look at, although the work goes on.
  func warn(_ message: String)
  /// Reports that `completed` of `total` steps of an activity are done.
  func advance(_ activity: String, completed: Int, of total: Int)
}

/// A reporter that drops everything.
package struct SilentReporter: ProgressReporting {
  package init() {}
  package func note(_ message: String) {}
  package func warn(_ message: String) {}
  package func advance(_ activity: String, completed: Int, of total: Int) {}
}
