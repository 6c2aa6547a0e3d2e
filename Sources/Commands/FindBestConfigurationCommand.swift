import ArgumentParser
import Evaluation
import Foundation
import HostSystem
import ModelSelection
import Plans
import TaskWorkflows

/// `nnUNet_find_best_configuration`: compares the models of a task by their cross-validation.
struct FindBestConfigurationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_find_best_configuration",
    abstract: "Compare the models of a task by their cross-validation.",
    discussion: """
      Determines each model's postprocessing, prints a ranking and the commands that predict with \
      the best model, and writes both to RESULTS_FOLDER/nnUNet/ensembles. Also tries averages of two \
      models; they need the probabilities of the validation (nnUNet_train ... --npz), which \
      --predict-missing creates if they are missing.

      Example: nnUNet_find_best_configuration -t 4 -m 2d 3d_fullres
      """)

  @Option(
    name: [.customShort("m"), .customLong("models")], parsing: .upToNextOption,
    help: .init("The networks to compare. Default: all that exist.", valueName: "network"))
  var models: [Plans.Configuration] = []

  @Option(
    name: [.customShort("t"), .customLong("task_ids")], parsing: .upToNextOption,
    help: .init("The ids (or names) of one or more tasks.", valueName: "task"))
  var tasks: [String]

  @OptionGroup var trainers: TrainerOptions

  @Option(
    name: .customLong("pl", withSingleDash: true),
    help: .init("The plans identifier.", valueName: "name"))
  var plans = DefaultNames.plans

  @OptionGroup var folds: FoldsOption

  @Flag(name: .customLong("disable_ensembling"), help: "Compare only single models.")
  var disablesEnsembling = false

  @Flag(name: .customLong("disable_postprocessing"), help: "Do not determine a postprocessing.")
  var disablesPostprocessing = false

  @Flag(
    name: .customLong("predict-missing"),
    help: "Validate again the trained folds that lack predictions or probabilities.")
  var predictsMissing = false

  @OptionGroup var origins: FoldOriginOptions

  @Flag(name: .customLong("strict"), help: "Fail if one of the four networks is not trained.")
  var isStrict = false

  @Option(help: .init("Cases to process at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard !tasks.isEmpty else { throw ValidationError("Give at least one task with -t.") }
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    let workspace = ProgramEnvironment().workspace
    _ = try (workspace.allResults(), workspace.preprocessedTasks())
    let reporter = ConsoleReporter()
    for text in tasks {
      let task = try workspace.taskName(for: text)
      let found = try candidates.models(of: task, in: workspace, reporter: reporter)
      if predictsMissing { try predictMissing(found, of: task, in: workspace, reporter) }
      var search = BestConfigurationSearch(
        workspace: workspace, task: task, models: found, folds: folds.numbers,
        threads: try threads ?? ProgramEnvironment().defaultThreadCount)
      search.postprocesses = !disablesPostprocessing
      search.ensembles = !disablesEnsembling
      search.acceptsDifferences = origins.acceptsDifferences
      let ranking = try search.run(reporter: reporter)
      reporter.note("\n" + ranking.table + "\n")
      let names = LabelNames(of: task, in: workspace).names
      for best in ranking.best {
        reporter.note(
          wrapped(
            "best for \(task): \(best.shortName), \(best.summary.diceText(names: names))",
            indent: "  "
          ).joined(separator: "\n"))
      }
      reporter.note(
        "\nTo predict test cases, run these commands with your own folders:\n\n"
          + (try search.predictionCommands(for: ranking)))
      reporter.note("wrote \(try search.summaryFolder.path)")
    }
  }

  private var candidates: CandidateModels {
    CandidateModels(
      configurations: models, trainer: trainers.trainer, cascadeTrainer: trainers.cascadeTrainer,
      plans: plans, isStrict: isStrict)
  }

  private func predictMissing(
    _ models: [ModelIdentity], of task: String, in workspace: Workspace,
    _ reporter: ConsoleReporter
  ) throws {
    var run = TaskRun(workspace: workspace, task: task, folds: folds.numbers)
    run.configurations = models.map(\.configuration)
    run.trainer = trainers.trainer
    run.cascadeTrainer = trainers.cascadeTrainer
    run.plans = plans
    run.ensembles = !disablesEnsembling
    let commands = StepCommands(run: run, acceptsDifferences: origins.acceptsDifferences)
    for step in try run.missingValidations() {
      reporter.note("== \(commands.title(of: step))")
      try ChildProgram.run(commands.command(for: step))
    }
  }
}
