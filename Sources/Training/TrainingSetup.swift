import Augmentation
package import Foundation
import HostSystem
import JSON
public import Networks
public import Plans
import Preprocessing
public import Torch

/// The subject of a training: one fold of a configuration of a task, on one device.
public struct TrainingSetup: Sendable {
  package var task: String
  /// The kind of network to train.
  public var configuration: Configuration
  /// The task's plans, in 2D or 3D.
  public var plans: ExperimentPlans
  /// The task's file with the plans.
  package var plansFile: URL
  /// The stage of the plans for the network; 0 is the lowest resolution.
  public var stage: Int
  package var stagePlan: StagePlan
  package var fold: Fold
  package var split: DataSplit
  /// The splits of all folds; nil for the fold of all cases.
  package var splits: TaskSplits?
  /// The identifiers of all prepared cases.
  package var preparedCases: [String]
  /// The recipe of the training.
  public var recipe: TrainingRecipe
  /// The device of the training.
  public var device: Device
  package var precision: Precision
  package var seed: UInt64
  /// Threads that make batches.
  package var augmentationThreads: Int
  /// The task's folder of prepared data.
  package var preprocessedTask: URL
  /// The model's folder, which contains the folds.
  package var modelFolder: URL
  /// The processes that train the network together.
  package var ranks = RankGroup.alone
  /// Whether they share one batch of the planned size instead of having one each.
  package var distributesBatch = false
  /// In a cascade, the first network's predictions for the second one.
  package var previous: NextStageStore?
  /// What packages added.
  public var extensions: TrainingExtensions

  /// Reads plans and splits of a prepared task; writes nothing.
  ///
  /// - Parameters:
  ///   - workspace: The folders of tasks and models.
  ///   - task: The task's full name, such as `Task004_Hippocampus`.
  ///   - configuration: The network to train.
  ///   - identifier: The plans identifier, such as `nnUNetPlansv2.1`.
  ///   - fold: The fold, which determines the validation cases.
  ///   - recipe: The recipe of the training.
  ///   - device: The device of the training.
  ///   - precision: The precision of convolutions.
  ///   - seed: Weights and batches depend on it.
  ///   - augmentationThreads: The number of threads that make batches.
  ///   - previousTrainer: In a cascade, the trainer of the first network; nil for the usual one.
  ///   - extensions: What packages added.
  /// - Throws: `PlansError`, `WorkspaceError`, ``TrainingError``, naming what is missing.
  public init(
    workspace: Workspace, task: String, configuration: Configuration, plans identifier: String,
    fold: Fold, recipe: TrainingRecipe, device: Device, precision: Precision, seed: UInt64,
    augmentationThreads: Int, previousTrainer: String? = nil,
    extensions: TrainingExtensions = TrainingExtensions()
  ) throws {
    try extensions.check(recipe)
    if let feature = recipe.unavailableFeature {
      throw TrainingError.unavailable(trainer: recipe.name, feature: feature)
    }
    self.task = task
    self.configuration = configuration
    self.fold = fold
    self.recipe = recipe
    self.device = device
    self.precision = precision
    self.seed = seed
    self.augmentationThreads = augmentationThreads
    self.extensions = extensions
    preprocessedTask = try workspace.preprocessedTask(task)
    modelFolder = try workspace.modelFolder(
      configuration: configuration, task: task, trainer: recipe.name, plans: identifier)
    if configuration == .cascade {
      previous = NextStageStore(
        model: try workspace.modelFolder(
          configuration: .lowResolution, task: task,
          trainer: previousTrainer ?? recipe.cascade.previousTrainer,
          plans: identifier))
    }
    plansFile = try workspace.plansFile(
      task: task, plans: identifier, configuration: configuration)
    (plans, stage, stagePlan) = try Self.readPlans(
      plansFile, of: task, for: configuration, in: workspace)
    guard (recipe.network.architecture == .residual) == (stagePlan.encoderBlockCounts != nil) else {
      throw TrainingError.plansOfOtherNetwork(trainer: recipe.name, plans: identifier)
    }
    let store = PreparedStore(task: preprocessedTask, plans: plans, stage: stage)
    preparedCases = try store.identifiers()
    guard !preparedCases.isEmpty else {
      throw TrainingError.noPreparedCases(folder: store.folder.path)
    }
    switch fold {
    case .all: split = DataSplit(training: preparedCases, validation: preparedCases)
    case .number(let number):
      let splits = try TaskSplits(inTask: preprocessedTask, cases: preparedCases)
      self.splits = splits
      split = try splits.split(fold: number, cases: preparedCases)
    }
    if case .dynamicUNet(let network) = network, network.problem != nil {
      throw TrainingError.plansOfOtherNetwork(trainer: recipe.name, plans: identifier)
    }
    try checkRecipe()
  }

  /// Throws unless the recipe can be used for training, and the network of recipe and plans can be
  /// built and has the mirrored axes.
  ///
  /// - Throws: ``TrainingError/impossibleRecipe(trainer:reason:)``.
  func checkRecipe() throws(TrainingError) {
    let rank = stagePlan.patchSize.count
    let axis = recipe.mirrorAxes?.first { !(0..<rank ~= $0) }
    // A package's network may interpret the plans in its own way.
    let problem =
      recipe.reasonForRefusal
      ?? (recipe.network.registered == nil ? network.problem.map { "its network: " + $0 } : nil)
      ?? axis.map { "mirrorAxes have the axis \($0), but patches have \(rank) axes" }
    if let problem { throw .impossibleRecipe(trainer: recipe.name, reason: problem) }
  }

  /// The plans of a task, and the stage of a configuration in them.
  private static func readPlans(
    _ file: URL, of task: String, for configuration: Configuration, in workspace: Workspace
  ) throws -> (ExperimentPlans, stage: Int, StagePlan) {
    guard fileExists(file) else {
      let foreign = file.deletingPathExtension().appendingPathExtension("pkl")
      throw fileExists(foreign)
        ? TrainingError.plansOfV1(
          path: foreign.path, folder: try workspace.preprocessedTask(task).path)
        : TrainingError.noPlans(path: file.path, task: task)
    }
    let plans = try JSONFile.read(ExperimentPlans.self, from: file)
    guard let stage = configuration.stage(ofStages: plans.stageCount),
      let stagePlan = plans.stages[stage]
    else {
      throw TrainingError.notPlanned(
        configuration: configuration.rawValue, stageCount: plans.stageCount)
    }
    return (plans, stage, stagePlan)
  }

  /// What the training is made from.
  var origin: TrainingOrigin { TrainingOrigin(plans: plans, split: split) }

  /// What the user should know about the fold.
  var splitRemarks: [String] {
    guard case .number(let number) = fold else { return [] }
    return splits?.remarks(fold: number, split: split, cases: preparedCases) ?? []
  }

  /// The network that plans and recipe describe.
  public var network: NetworkArchitecture {
    recipe.network.architecture(
      plans: plans, stage: stagePlan,
      // The second network of a cascade sees the labels of the first as channels.
      inputChannels: plans.channelCount + (configuration == .cascade ? classCount - 1 : 0),
      outputChannels: recipe.regions?.count ?? classCount)
  }

  /// The threads of one operation on the processor; nil for other devices.
  ///
  /// libtorch divides sums among them, so the weights are reproducible only with the same number.
  var computingThreads: Int? { device.kind == .cpu ? try? TorchRuntime.threads() : nil }

  /// The log's text about them.
  var threadsNote: String? {
    computingThreads.map { count in
      "\(count) thread\(count == 1 ? "" : "s") for each operation, part of the seed: with another number, sums are made"
        + " in another order, and the weights differ"
    }
  }

  /// Whether images rather than volumes are trained on.
  var is2D: Bool { stagePlan.patchSize.count == 2 }

  /// The number of outputs, including the background.
  package var classCount: Int { plans.foregroundLabelCount + 1 }

  /// Samples per batch, of all processes together.
  public var batchSize: Int {
    let size = recipe.batchSize ?? stagePlan.batchSize
    return distributesBatch ? size : size * ranks.count
  }

  /// This process's samples of a batch.
  ///
  /// - Throws: ``TrainingError/batchTooSmall(size:ranks:)``.
  func batchShare() throws(TrainingError) -> BatchShare {
    try BatchShare(batchSize: batchSize, rank: ranks.rank, of: ranks.count)
  }

  /// Whether Dice is summed over the batch: in 2D, and at the full resolution of a cascade.
  ///
  /// Source: nnU-Net v1, `get_default_configuration`.
  package var sumsDiceOverBatch: Bool {
    if let override = recipe.sumsDiceOverBatch { return override }
    return switch configuration {
    case .twoD: true
    case .lowResolution: false
    case .fullResolution, .cascade: plans.stageCount > 1
    }
  }

  /// The fold's folder.
  package var foldFolder: FoldFolder {
    FoldFolder(modelFolder.appending(path: fold.folderName, directoryHint: .isDirectory))
  }

  /// The folder of the prepared cases.
  package var preparedFolder: URL {
    PreparedStore(task: preprocessedTask, plans: plans, stage: stage).folder
  }

  /// The transforms of packages that the recipe names.
  private var registeredTransforms: [RegisteredTransform] {
    let context = TransformContext(
      channelNames: plans.channelNames.sorted { $0.key < $1.key }.map(\.value),
      patchSize: stagePlan.patchSize, usesSlices: stagePlan.usesDummy2DAugmentation)
    return recipe.transforms.map { name in
      guard let make = extensions.transforms[name] else {
        preconditionFailure("the recipe has been checked")
      }
      return RegisteredTransform(name: name, make(context))
    }
  }

  /// The maker of the batches.
  func batchMaker(seed: UInt64) throws -> BatchMaker {
    func dataset(_ identifiers: [String]) throws -> TrainingDataset {
      try TrainingDataset(
        folder: preparedFolder, identifiers: identifiers, channelCount: plans.channelCount,
        classCount: classCount, previous: previous)
    }
    let previousLabels = previous.map { _ in (1..<classCount).map { Int16($0) } }
    let patchSize = stagePlan.patchSize
    let regions = recipe.regions?.map { $0.labels.map(Int16.init) }
    var supervision = DeepSupervision(poolingFactors: network.poolStrides)
    if !recipe.usesDeepSupervision { supervision.scales = [supervision.scales[0]] }
    let masks = (0..<plans.channelCount).map { plans.usesMaskForNormalization[$0] ?? false }
    func pipeline(_ recipe: AugmentationRecipe) -> PatchPipeline {
      PatchPipeline(
        recipe: recipe, batchSize: batchSize,
        foregroundFraction: self.recipe.foregroundFraction)
    }
    var augmentation = recipe.augmentation.recipe(
      patchSize: patchSize, usesDummy2D: stagePlan.usesDummy2DAugmentation,
      channelsUsingMask: masks, mirrorAxes: recipe.mirrorAxes, regions: regions,
      previousLabels: previousLabels, cascade: recipe.cascade)
    augmentation.insert(registeredTransforms)
    return BatchMaker(
      training: try dataset(split.training), validation: try dataset(split.validation),
      trainingPipeline: pipeline(augmentation),
      validationPipeline: pipeline(
        .validation(patchSize: patchSize, regions: regions, previousLabels: previousLabels)),
      elements: try batchShare().elements, supervision: supervision,
      keepsLabelChannels: regions != nil, seed: seed)
  }
}
