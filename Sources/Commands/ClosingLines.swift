import Foundation
import HostSystem
import Plans
import Training

/// What a command says at its end: what lies where, and which command comes next.
struct ClosingLines {
  /// What was done, with numbers and places.
  var done: [String]
  /// The command that most people need next, or nil.
  var next: String?

  init(_ done: String..., next: String? = nil) {
    self.done = done
    self.next = next
  }

  /// Prints them; the next command only where no other command has called this one and goes on itself.
  func print(to reporter: some HostSystem.ProgressReporting, in environment: ProgramEnvironment) {
    for text in done { reporter.note(text) }
    if let next, environment.parent == nil { reporter.note("next: \(next)") }
  }

  /// A task as commands take it: its number where only one task has it, else its name.
  static func shortName(of task: String, in workspace: Workspace) -> String {
    let digits = (task.dropping(prefix: "Task") ?? "").unicodeScalars.prefix(while: \.isASCIIDigit)
    guard let id = Int(String(String.UnicodeScalarView(digits))),
      (try? workspace.taskName(for: "\(id)")) == task
    else { return task }
    return "\(id)"
  }
}
