import ArgumentParser
import Foundation
import HostSystem
import ModelSelection
import Plans

/// `nnUNet_run`: everything from raw images to the choice of the best models.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_run",
    abstract: "Plan, preprocess, train all folds and choose the best models.",
    discussion: """
      Does what is missing: plans and preprocesses, trains and validates every fold of every network \
      that the plans have, compares the models and averages of two of them, and writes the choice to \
      RESULTS_FOLDER/nnUNet/ensembles/TASK/selection.json. Then nnUNet_predict -i IN -o OUT -t TASK \
      needs no further options. If it is interrupted, the same line continues.

      A task that nnUNet_plan_and_preprocess prepared already, with whatever options, keeps its plans.

      Example: nnUNet_run 4 -m 2d 3d_fullres
      """)

  @OptionGroup var chosen: TaskRunOptions

  @Flag(name: .customLong("no-selection"), help: "Train and validate only; choose nothing.")
  var selectsNothing = false

  @OptionGroup var origins: FoldOriginOptions

  @Flag(name: .customLong("dry-run"), help: "Only print the commands that are missing.")
  var isDryRun = false

  @OptionGroup(title: "Length and hardware of each training") var resources: TrainingResources

  func validate() throws {
    if !selectsNothing { try chosen.requireFirstNetwork() }
  }

  func run() throws {
    let run = try chosen.taskRun()
    let commands = StepCommands(
      run: run, trainingOptions: resources.arguments, acceptsDifferences: origins.acceptsDifferences
    )
    let reporter = ConsoleReporter()
    if isDryRun {
      for step in try missingSteps(of: run) {
        reporter.note(try commands.command(for: step).joined(separator: " "))
      }
      return
    }
    var done: Set<TaskRun.Step> = []
    while true {
      let missing = try missingSteps(of: run)
      guard let step = missing.first else { break }
      let title = commands.title(of: step)
      // A step that leaves nothing behind would be repeated for ever.
      guard done.insert(step).inserted else { throw RunError.noProgress(title) }
      if step == .prepare, run.plans != DefaultNames.plans {
        throw RunError.notPrepared(task: run.task, plans: run.plans)
      }
      let count = missing.count
      reporter.note(
        step == .prepare
          ? "== \(title)" : "== \(title) (\(count) step\(count == 1 ? " is" : "s are") missing)")
      try ChildProgram.run(commands.command(for: step))
    }
    guard !selectsNothing else { return }
    reporter.note(
      "\(run.task) is complete: nnUNet_predict -i IN -o OUT -t \(run.task) uses the best models")
  }

  private func missingSteps(of run: TaskRun) throws -> [TaskRun.Step] {
    try run.missingSteps().filter { !selectsNothing || $0 != .select }
  }
}

/// A chain of commands that cannot go on.
enum RunError: ExplainedError, Equatable {
  case commandFailed(String, status: Int32)
  case commandKilled(String, signal: Int32)
  case interrupted(String)
  case noProgress(String)
  case notPrepared(task: String, plans: String)

  var message: String {
    switch self {
    case .commandFailed(let command, let status): "'\(command)' ended with status \(status)."
    case .commandKilled(let command, let signal): "'\(command)' was ended by signal \(signal)."
    case .interrupted(let command): "Interrupted in '\(command)'."
    case .noProgress(let step): "'\(step)' ended well but left its files incomplete."
    case .notPrepared(let task, let plans): "\(task) is not prepared with the plans \(plans)."
    }
  }

  var hint: String? {
    switch self {
    case .commandFailed, .commandKilled:
      "Its messages are above. Fix the cause, then run the same line again: it continues from there."
    case .interrupted: "Run the same line again: it continues from there."
    case .noProgress: "Look into the folder of that step; --dry-run prints its command."
    case .notPrepared: "Run nnUNet_plan_and_preprocess with the planner that makes these plans."
    }
  }
}
