import HostSystem

extension Workspace {
  /// A task as a command's argument: its number if only one task has it, otherwise its name.
  package func shortName(ofTask task: String) -> String {
    let digits = (task.dropping(prefix: "Task") ?? "").unicodeScalars.prefix(while: \.isASCIIDigit)
    guard let id = Int(String(String.UnicodeScalarView(digits))),
      (try? taskName(for: "\(id)")) == task
    else { return task }
    return "\(id)"
  }
}
