import ArgumentParser
import Foundation
import HostSystem
import Plans
import TaskWorkflows

/// `nnUNet_run`: everything from raw images to the choice of the best models.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_run",
    abstract: "Plan, preprocess, train all folds and choose the best models.",
    discussion: """
      Does what is missing: plans and preprocesses, trains and validates every fold of every network \
      in the plans, compares the models and averages of two of them, and writes the choice to \
      RESULTS_FOLDER/nnUNet/ensembles/TASK/selection.json. Then nnUNet_predict -i IN -o OUT -t TASK \
      needs no further options. If it is interrupted, run the same command again to continue.

      If nnUNet_plan_and_preprocess has already prepared the task, with any options, it keeps its plans.

      Example: nnUNet_run 4 -m 2d 3d_fullres
      """)

  @OptionGroup var chosen: TaskRunOptions

  @Flag(name: .customLong("no-selection"), help: "Only train and validate; do not choose models.")
  var selectsNothing = false

  @OptionGroup var origins: FoldOriginOptions

  @Flag(name: .customLong("dry-run"), help: "Only print the commands that are still to be run.")
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
    let completion = TaskCompletion(commands, selects: !selectsNothing)
    let reporter = ConsoleReporter()
    if isDryRun {
      for step in try completion.missingSteps() {
        reporter.note(try commands.command(for: step).joined(separator: " "))
      }
      return
    }
    try completion.run(reporter: reporter, execute: ChildProgram.run)
    guard !selectsNothing else { return }
    reporter.note(
      "\(run.task) is complete: nnUNet_predict -i IN -o OUT -t \(run.task) uses the best models")
  }
}

/// A chain of commands that cannot continue.
enum RunError: ExplainedError, Equatable {
  case commandFailed(String, status: Int32)
  case commandKilled(String, signal: Int32)
  case interrupted(String)

  var message: String {
    switch self {
    case .commandFailed(let command, let status): "'\(command)' ended with status \(status)."
    case .commandKilled(let command, let signal): "'\(command)' was ended by signal \(signal)."
    case .interrupted(let command): "Interrupted in '\(command)'."
    }
  }

  var hint: String? {
    switch self {
    case .commandFailed, .commandKilled:
      "Its messages are above. Fix the cause, then run the same command to continue from there."
    case .interrupted: "Run the same command again to continue from there."
    }
  }
}
