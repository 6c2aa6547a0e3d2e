import ArgumentParser
import Foundation
import HostSystem
import Inference
import Plans
import TaskWorkflows
import Torch
import Training

/// `nnUNet_train`: trains one fold of a configuration and validates it.
struct TrainCommand: ExtensibleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_train",
    abstract: "Train a network for one fold of a task.",
    discussion: """
      Reads the prepared task from nnUNet_preprocessed and writes checkpoints, a log and the \
      validation to RESULTS_FOLDER/nnUNet.

      Example: nnUNet_train 3d_fullres nnUNetTrainerV2 4 0
      A short run on a CPU: nnUNet_train 2d nnUNetTrainerV2 4 0 --epochs 5 --iterations-per-epoch 50
      After an interruption, the same command with -c continues where it stopped. On SIGINT (Ctrl-C) \
      and SIGTERM, it saves a checkpoint after the current batch and ends; on SIGUSR1, it saves one \
      and continues.
      """)

  @Argument(help: "The network.")
  var network: Plans.Configuration

  @Argument(help: "The trainer, usually nnUNetTrainerV2; Guides/Recipes.md lists all trainers.")
  var trainer: String

  @Argument(help: "The task's name or id.")
  var task: String

  @Argument(help: "The fold: 0 to 4, or all to train on all cases.")
  var fold: String

  @Option(
    name: .customShort("p"), help: .init("The plans identifier.", valueName: "name"))
  var plans = DefaultNames.plans

  @Flag(
    name: [.customShort("c"), .customLong("continue_training")],
    help: "Continue from the newest checkpoint.")
  var continues = false

  @Flag(
    name: .customLong("continue-or-begin"),
    help: .init(
      "Continue from the newest checkpoint, or begin if there is none; wait if a training of the "
        + "same fold is running."))
  var continuesOrBegins = false

  @Flag(
    name: .customLong("accept-differences"),
    help: .init(
      "Continue even if plans, splits or network differ from those that the model's folds were "
        + "trained with; the differences are listed."))
  var acceptsDifferences = false

  @Flag(
    name: [.customLong("val", withSingleDash: true), .customLong("validation_only")],
    help: "Only validate, with the final checkpoint.")
  var validatesOnly = false

  @Flag(name: .customLong("valbest"), help: "With -val: validate with the best checkpoint.")
  var validatesBest = false

  @Flag(
    name: .customLong("overwrite-training"),
    help: "Start over even if the fold's folder contains checkpoints; they are lost.")
  var overwritesTraining = false

  @Option(
    name: .customLong("pretrained_weights", withSingleDash: true),
    help: .init(
      "Begin with the matching weights of this checkpoint; no effect with -c.", valueName: "file"))
  var pretrainedWeights: String?

  @Flag(
    name: .customLong("disable_saving"),
    help: "Write neither the final nor the best checkpoint, only those to resume from.")
  var disablesSaving = false

  @Flag(
    name: .customLong("disable_next_stage_pred"),
    help: "After 3d_lowres, do not predict the validation cases for 3d_cascade_fullres.")
  var disablesNextStage = false

  @Option(
    name: .customLong("previous-trainer"),
    help: .init(
      "The trainer of 3d_lowres whose predictions a cascade uses. Default: nnUNetTrainerV2.",
      valueName: "name"))
  var previousTrainer: String?

  @Flag(
    name: .customLong("find_lr"),
    help: "Only try learning rates: write lr_finder.png and lr_finder.json and suggest one.")
  var findsLearningRate = false

  @Option(
    name: .customLong("lr-iterations"),
    help: .init("The number of batches for --find_lr. Default: 1000.", valueName: "n"))
  var learningRateIterations = 1000

  @Flag(
    name: .customLong("tensorboard"),
    help: "Also write the curves as TensorBoard events to the fold's folder.")
  var writesTensorBoard = false

  @OptionGroup(title: "Length and hardware") var resources: TrainingResources

  @OptionGroup(title: "Several devices") var parallel: ParallelOptions

  @OptionGroup(title: "Validation") var validation: ValidationOptions

  @OptionGroup(title: "Accepted for scripts of nnU-Net v1") var legacy: LegacyTrainingOptions

  func validate() throws {
    guard fold == "all" || (Int(fold) ?? -1) >= 0 else {
      throw ValidationError("The fold must be a number from 0 or 'all', not '\(fold)'.")
    }
    if validatesBest && !validatesOnly { throw ValidationError("--valbest needs -val.") }
    if learningRateIterations < 20 {
      throw ValidationError("--lr-iterations must be at least 20, not \(learningRateIterations).")
    }
    if findsLearningRate && (parallel.devices != nil || parallel.distributesBatch) {
      throw ValidationError("--find_lr runs on one device: omit --devices and --dbs.")
    }
    if parallel.devices != nil && !resources.device.isAutomatic {
      throw ValidationError("Give only one of --device and --devices.")
    }
    let starts = [continues, continuesOrBegins, validatesOnly, overwritesTraining]
    if starts.count(where: { $0 }) > 1 {
      throw ValidationError(
        "Give only one of -c, --continue-or-begin, -val and --overwrite-training.")
    }
  }

  func run(with extensions: Extensions) throws {
    try run(mayBeStartedAsRank: false, devices: parallel.devices, extensions: extensions)
  }

  /// Trains in this process, or starts one process for each of several devices.
  ///
  /// - Parameters:
  ///   - mayBeStartedAsRank: Whether a launcher may have started this process as one of several
  ///     although no devices are named.
  ///   - devices: The devices of this machine, one process each; nil for those of the options.
  ///   - extensions: What packages added.
  /// - Throws: An `ExplainedError` for options and files that cannot be used, for a training that
  ///   ends early, and for a process that fails.
  func run(
    mayBeStartedAsRank: Bool, devices: String? = nil, extensions: Extensions
  ) throws {
    var parallel = parallel
    parallel.devices = devices ?? parallel.devices
    let isParallel = mayBeStartedAsRank || parallel.devices != nil
    guard isParallel else { return try train(extensions, launch: nil, parallel: parallel) }
    let launch = try ProgramEnvironment().rankLaunch
    guard launch == nil else { return try train(extensions, launch: launch, parallel: parallel) }
    let count = try parallel.named(parallel.devices).count
    guard count > 1 else { return try train(extensions, launch: nil, parallel: parallel) }
    try RankLauncher(command: RankLauncher.ownCommand, count: count).run()
  }

  private func train(
    _ extensions: Extensions, launch: RankLaunch?, parallel: ParallelOptions
  ) throws {
    let environment = ProgramEnvironment(extensions: extensions)
    // Requested first, so that nothing is computed without a folder for it.
    _ = try (environment.workspace.preprocessedTasks(), environment.workspace.allResults())
    let threads = max(try environment.defaultThreadCount / (launch?.localCount ?? 1), 1)
    let setup = try makeSetup(in: environment, threads: threads, launch: launch, parallel)
    if let search = learningRateSearch {
      return try search.run(setup, reporter: ConsoleReporter())
    }
    var session = makeSession(of: setup, threads: threads)
    let signals = SignalWatch()
    session.interruption = signals.interruption
    let reporter: any Reporter =
      setup.ranks.isFirst ? ConsoleReporter() : RankReporter(rank: setup.ranks.rank)
    do {
      try withExtendedLifetime(signals) { try session.run(reporter: reporter) }
      guard setup.ranks.isFirst, setup.recipe.keepsResults else { return }
      ClosingLines(
        "wrote \(setup.foldFolder.url.path)",
        next: NextCommand.after(
          setup, trainer: trainer, recipeFile: resources.recipe, plans: plans,
          savesProbabilities: validation.savesProbabilities,
          in: environment.workspace)
      ).print(to: reporter, in: environment)
    } catch let error as TrainingError where error.isAnswerToSignal && !setup.ranks.isFirst {
      // The first process prints it.
      throw ExitCode(Shell.failure)
    }
  }

  /// The network and the device of the training; joins the other processes if there are any.
  private func makeSetup(
    in environment: ProgramEnvironment, threads: Int, launch: RankLaunch?,
    _ parallel: ParallelOptions
  ) throws -> TrainingSetup {
    let (workspace, extensions) = (environment.workspace, environment.extensions.training)
    var recipe = try TrainingRecipe.named(trainer, or: extensions.recipes)
    try recipe.check(for: network)
    if let file = resources.recipe {
      recipe = try TrainingRecipe(contentsOf: URL(fileURLWithPath: file), base: recipe)
    }
    changes.apply(to: &recipe)
    let device =
      launch == nil && parallel.devices == nil
      ? try resources.device.device()
      : try parallel.device(localRank: launch?.localRank ?? 0, single: resources.device)
    try TorchRuntime.keepFreedMemory()
    try TorchRuntime.setThreads(resources.threads ?? threads)
    try TorchRuntime.setDeterministic(legacy.deterministic)
    var setup = try TrainingSetup(
      workspace: workspace, task: try workspace.taskName(for: task), configuration: network,
      plans: plans, fold: Int(fold).map { .number($0) } ?? .all, recipe: recipe, device: device,
      precision: resources.precision(on: device, recipe: recipe), seed: resources.chosenSeed,
      augmentationThreads: environment.augmentationThreadCount(cores: threads),
      previousTrainer: previousTrainer, extensions: extensions)
    setup.distributesBatch = parallel.distributesBatch
    if let launch, launch.count > 1 {
      setup.ranks = try RankGroup(launch, device: device, onLoss: endBecauseOfLoss)
    }
    return setup
  }

  private func makeSession(of setup: TrainingSetup, threads: Int) -> TrainingSession {
    let keepsResults = setup.recipe.keepsResults
    var session = TrainingSession(setup: setup)
    session.start = start
    session.changes = changes
    session.acceptsDifferences = acceptsDifferences
    session.writesTensorBoard = writesTensorBoard
    session.postprocessesFold = !validation.disablesPostprocessing
    session.predictsNextStage = !disablesNextStage && keepsResults
    session.pretrainedWeights = pretrainedWeights.map { URL(fileURLWithPath: $0) }
    session.validation =
      keepsResults ? validation.makeValidation(of: setup, threads: threads) : nil
    return session
  }

  /// The user's choices instead of the recipe's.
  private var changes: RecipeChanges {
    var changes = resources.changes
    if disablesSaving { changes.savesFinalAndBest = false }
    return changes
  }

  private var learningRateSearch: LearningRateSearch? {
    findsLearningRate ? LearningRateSearch(iterations: learningRateIterations) : nil
  }

  private var start: TrainingSession.Start {
    if validatesOnly { return .validationOnly(validatesBest ? .best : .final) }
    if continues { return .resuming }
    if continuesOrBegins { return .resumingIfBegun }
    return overwritesTraining ? .overwriting : .fresh
  }
}

/// Options of nnU-Net v1 that change little or nothing here.
struct LegacyTrainingOptions: ParsableArguments {
  @Flag(
    name: .customLong("deterministic"),
    help: "Refuse GPU algorithms whose results vary. Batches always depend only on the seed.")
  var deterministic = false

  @Flag(
    name: .customLong("use_compressed_data"),
    help: "No effect: prepared cases are read as they are, compressed or not.")
  var usesCompressedData = false
}
