import ArgumentParser

/// The task that a command works on.
struct TaskOption: ParsableArguments {
  @Option(
    name: [.customShort("t"), .customLong("task_name")],
    help: .init("The task's name or id.", valueName: "task"))
  var name: String
}
