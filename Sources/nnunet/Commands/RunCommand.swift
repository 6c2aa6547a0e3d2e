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
      needs no further options. Interrupted anywhere, the same line goes on.

      A task that nnUNet_plan_and_preprocess prepared already, with whatever options, keeps its plans.

      Example: nnUNet_run 4 -m 2d 3d_fullres
      """)

  @Argument(help: "The task's name or id.")
  var task: String

  @Option(
    name: [.customShort("m"), .customLong("models")], parsing: .upToNextOption,
    help: .init("The networks to train. Default: all that the plans have.", valueName: "network"))
  var models: [String] = []

  @Option(
    name: [.customShort("f"), .customLong("folds")], parsing: .upToNextOption,
    help: .init("The folds. Default: 0 1 2 3 4.", valueName: "fold"))
  var folds: [Int] = [0, 1, 2, 3, 4]

  @Option(
    name: .customLong("tr", withSingleDash: true),
    help: .init("The trainer of all networks but the cascade's.", valueName: "name"))
  var trainer = "nnUNetTrainerV2"

  @Option(
    name: .customLong("ctr", withSingleDash: true),
    help: .init("The trainer of the 3d_cascade_fullres network.", valueName: "name"))
  var cascadeTrainer = "nnUNetTrainerV2CascadeFullRes"

  @Option(
    name: .customShort("p"),
    help: .init(
      "The plans identifier; others than the default must be prepared already.", valueName: "name"))
  var plans = StepDefaults.plans

  @Flag(
    name: .customLong("disable_ensembling"),
    help: "Compare single models only; the validations then keep no probabilities.")
  var disablesEnsembling = false

  @Flag(name: .customLong("dry-run"), help: "Only print the commands that are missing.")
  var isDryRun = false

  @OptionGroup(title: "Length and hardware of each training") var resources: TrainingResources

  func validate() throws {
    for name in models where Plans.Configuration(rawValue: name) == nil {
      throw ValidationError(
        "-m takes 2d, 3d_lowres, 3d_fullres, 3d_cascade_fullres, not \(name).")
    }
    guard !folds.isEmpty, folds.allSatisfy({ $0 >= 0 }), Set(folds).count == folds.count else {
      throw ValidationError("-f takes the numbers of folds, from 0, each once.")
    }
    let names = models.compactMap(Plans.Configuration.init)
    if names.contains(.cascade), !names.contains(.lowResolution) {
      throw ValidationError("3d_cascade_fullres needs 3d_lowres: add it to -m.")
    }
  }

  func run() throws {
    let run = try taskRun()
    let commands = StepCommands(run: run, trainingOptions: resources.arguments)
    let reporter = ConsoleReporter()
    if isDryRun {
      for step in try run.missingSteps() {
        reporter.note(try commands.command(for: step).joined(separator: " "))
      }
      return
    }
    var done: Set<TaskRun.Step> = []
    while true {
      let missing = try run.missingSteps()
      guard let step = missing.first else { break }
      let title = commands.title(of: step)
      // A step that leaves nothing behind would be repeated for ever.
      guard done.insert(step).inserted else { throw RunError.noProgress(title) }
      if step == .prepare, plans != StepDefaults.plans {
        throw RunError.notPrepared(task: run.task, plans: plans)
      }
      let count = missing.count
      reporter.note(
        step == .prepare
          ? "== \(title)" : "== \(title) (\(count) step\(count == 1 ? " is" : "s are") missing)")
      try ChildProgram.run(commands.command(for: step))
    }
    reporter.note(
      "\(run.task) is complete: nnUNet_predict -i IN -o OUT -t \(run.task) uses the best models")
  }

  private func taskRun() throws -> TaskRun {
    let workspace = ProgramEnvironment().workspace
    _ = try (workspace.preprocessedTasks(), workspace.allResults())
    var run = TaskRun(
      workspace: workspace, task: try workspace.taskName(for: task), folds: folds)
    run.configurations = models.isEmpty ? nil : models.compactMap(Plans.Configuration.init)
    run.trainer = trainer
    run.cascadeTrainer = cascadeTrainer
    run.plans = plans
    run.ensembles = !disablesEnsembling
    return run
  }
}

/// What v1's commands take unless they are told.
private enum StepDefaults {
  static let plans = "nnUNetPlansv2.1"
}

/// A chain of commands that cannot go on.
enum RunError: ExplainedError, Equatable {
  case commandFailed(String, status: Int32)
  case commandKilled(String, signal: Int32)
  case interrupted(String)
  case cannotStart(String, reason: String)
  case noProgress(String)
  case notPrepared(task: String, plans: String)

  var message: String {
    switch self {
    case .commandFailed(let command, let status): "'\(command)' ended with status \(status)."
    case .commandKilled(let command, let signal): "'\(command)' was ended by signal \(signal)."
    case .cannotStart(let program, let reason): "Cannot start \(program): \(reason)."
    case .interrupted(let command): "Interrupted in '\(command)'."
    case .noProgress(let step): "'\(step)' ended well but left its files incomplete."
    case .notPrepared(let task, let plans): "\(task) is not prepared with the plans \(plans)."
    }
  }

  var hint: String? {
    switch self {
    case .commandFailed, .commandKilled:
      "Its messages are above. When the cause is mended, the same line goes on from there."
    case .interrupted: "The same line goes on from there."
    case .cannotStart: "Install the program anew, or free memory."
    case .noProgress: "Look into the folder of that step; --dry-run prints its command."
    case .notPrepared: "Run nnUNet_plan_and_preprocess with the planner that makes these plans."
    }
  }
}
