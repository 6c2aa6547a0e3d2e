package import HostSystem
import Plans

/// Does the missing steps of a task one after the other.
package struct TaskCompletion {
  package var commands: StepCommands
  /// Whether the best models are chosen at the end.
  package var selects: Bool

  package init(_ commands: StepCommands, selects: Bool) {
    self.commands = commands
    self.selects = selects
  }

  /// The steps that are missing, in their order; after ``TaskRun/Step/prepare``, the rest is not
  /// yet known.
  package func missingSteps() throws -> [TaskRun.Step] {
    try commands.run.missingSteps().filter { selects || $0 != .select }
  }

  /// Does everything that is missing.
  ///
  /// - Parameters:
  ///   - reporter: Receives each step.
  ///   - execute: Runs a command of this program and waits for its end.
  /// - Throws: ``TaskWorkflowError``, and what `execute` throws.
  package func run(
    reporter: any Reporter, execute: ([String]) throws -> Void
  ) throws {
    let run = commands.run
    var done: Set<TaskRun.Step> = []
    while true {
      let missing = try missingSteps()
      guard let step = missing.first else { return }
      let title = commands.title(of: step)
      // A step without results would be repeated forever.
      guard done.insert(step).inserted else { throw TaskWorkflowError.noProgress(title) }
      if step == .prepare, run.plans != DefaultNames.plans {
        throw TaskWorkflowError.notPrepared(task: run.task, plans: run.plans)
      }
      let count = missing.count
      reporter.note(
        step == .prepare
          ? "== \(title)" : "== \(title) (\(count) step\(count == 1 ? " is" : "s are") missing)")
      try execute(commands.command(for: step))
    }
  }
}
