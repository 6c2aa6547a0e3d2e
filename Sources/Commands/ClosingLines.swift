import HostSystem

/// The last lines of a command: which results are where, and which command comes next.
struct ClosingLines {
  /// What was done, with numbers and places.
  var done: [String]
  /// The command that most people need next, or nil.
  var next: String?

  init(_ done: String..., next: String? = nil) {
    self.done = done
    self.next = next
  }

  /// Prints them; the next command only if no other command called this one and continues itself.
  func print(to reporter: some Reporter, in environment: ProgramEnvironment) {
    for text in done { reporter.note(text) }
    if let next, environment.parent == nil { reporter.note("next: \(next)") }
  }
}
