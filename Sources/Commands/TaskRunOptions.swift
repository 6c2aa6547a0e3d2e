import ArgumentParser
import Plans
import TaskWorkflows

/// The task to complete, with its networks and folds.
struct TaskRunOptions: ParsableArguments {
  @Argument(help: "The task's name or id.")
  var task: String

  @Option(
    name: [.customShort("m"), .customLong("models")], parsing: .upToNextOption,
    help: .init("The networks to train. Default: all in the plans.", valueName: "network"))
  var models: [Plans.Configuration] = []

  @OptionGroup var folds: FoldsOption

  @OptionGroup var trainers: TrainerOptions

  @Option(
    name: .customShort("p"),
    help: .init(
      "The plans identifier; plans other than the default must be prepared already.",
      valueName: "name"))
  var plans = DefaultNames.plans

  @Flag(
    name: .customLong("disable_ensembling"),
    help: "Compare only single models; the validations then keep no probabilities.")
  var disablesEnsembling = false

  var configurations: [Plans.Configuration]? {
    models.isEmpty ? nil : models
  }

  /// Refuses a cascade whose first network is not named.
  func requireFirstNetwork() throws {
    if let configurations, configurations.contains(.cascade),
      !configurations.contains(.lowResolution)
    {
      throw ValidationError("3d_cascade_fullres needs 3d_lowres: add it to -m.")
    }
  }

  /// The run in the folders of the environment.
  func taskRun() throws -> TaskRun {
    let workspace = ProgramEnvironment().workspace
    _ = try (workspace.preprocessedTasks(), workspace.allResults())
    var run = TaskRun(
      workspace: workspace, task: try workspace.taskName(for: task), folds: folds.numbers)
    run.configurations = configurations
    run.trainer = trainers.trainer
    run.cascadeTrainer = trainers.cascadeTrainer
    run.plans = plans
    run.ensembles = !disablesEnsembling
    return run
  }

  /// The arguments of the other commands of a run, besides task, networks and folds.
  var passedOn: [String] {
    ["-tr", trainers.trainer, "-ctr", trainers.cascadeTrainer, "-p", plans]
      + (disablesEnsembling ? ["--disable_ensembling"] : [])
  }
}
