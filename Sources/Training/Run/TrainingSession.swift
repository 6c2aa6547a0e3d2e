public import Foundation
public import HostSystem
import Inference
import Plans
import Torch

/// What `nnUNet_train` does: trains a fold, or goes on with it, then validates it.
public struct TrainingSession: Sendable {
  public var setup: TrainingSetup
  public var start = Start.fresh
  public var validation: FinalValidation?
  /// Through which others ask for a checkpoint or the end.
  public var interruption: TrainingInterruption?

  /// Where a session begins.
  public enum Start: Hashable, Sendable {
    /// With new weights; refuses a folder that holds checkpoints.
    case fresh
    /// With new weights, deleting the checkpoints that are there.
    case overwriting
    /// From the newest checkpoint.
    case resuming
    /// After the training: only validates with a checkpoint.
    case validationOnly(FoldFolder.Checkpoint)
  }

  /// Whether the first network of a cascade predicts its validation cases for the second one.
  public var predictsNextStage = true
  /// Weights to begin a fresh training with.
  public var pretrainedWeights: URL?

  public init(setup: TrainingSetup) { self.setup = setup }

  /// Runs the session.
  public func run(reporter: any HostSystem.ProgressReporting) throws {
    let folder = setup.foldFolder
    if case .validationOnly(let checkpoint) = start, !folder.exists(checkpoint) {
      throw TrainingError.notFinished(expected: folder.file(checkpoint).path)
    }
    if setup.recipe.regions != nil && validation != nil {
      throw TrainingError.unavailable(
        trainer: setup.recipe.name, feature: "the prediction of regions for its validation")
    }
    try prepareFolder()
    let log = try TrainingLog(in: folder.url, passingTo: reporter)
    describe(to: log)
    var run = try TrainingRun(setup)
    run.interruption = interruption
    switch start {
    case .fresh, .overwriting:
      if let pretrainedWeights { try run.warmStart(from: pretrainedWeights, reportingTo: log) }
      try run.run(reportingTo: log)
    case .resuming:
      try run.resume(reportingTo: log)
      try run.run(reportingTo: log)
    case .validationOnly(let checkpoint):
      let url = folder.file(checkpoint)
      try run.restore(TrainingCheckpoint(contentsOf: url), from: url)
    }
    _ = try validation?.run(run.network, reportingTo: log)
    if predictsNextStage, setup.configuration == .lowResolution {
      log.note("predicting segmentations for the next stage of the cascade")
      try NextStagePrediction(setup: setup).run(run.network, reportingTo: log)
    }
  }

  private func prepareFolder() throws {
    let folder = setup.foldFolder
    let existing = FoldFolder.Checkpoint.allCases.filter(folder.exists)
    if start == .fresh, !existing.isEmpty {
      throw TrainingError.alreadyTrained(folder: folder.url.path)
    }
    try makeFolder(at: folder.url)
    if start == .overwriting {
      for checkpoint in existing {
        try FileManager.default.removeItem(at: folder.file(checkpoint))
      }
    }
    // Inference reads the plans that the network was trained with, whatever becomes of the task's.
    let plansFile = setup.modelFolder.appending(path: TrainedModel.plansFile)
    if case .validationOnly = start { return }
    try JSONFile.write(setup.plans, to: plansFile)
    // And knows its architecture, mirroring and regions.
    try ModelSettings(
      network: setup.network, mirrorAxes: setup.recipe.mirrorAxes,
      regionsClassOrder: setup.recipe.regions?.map(\.exportedAs)
    ).write(to: setup.modelFolder)
    try JSONFile.write(setup.recipe, to: setup.modelFolder.appending(path: "recipe.json"))
  }

  private func describe(to log: some HostSystem.ProgressReporting) {
    let stage = setup.stagePlan
    let dice = setup.sumsDiceOverBatch ? "batch" : "sample"
    log.note(
      """
      ###############################################
      I am running the following nnUNet: \(setup.configuration.rawValue)
      My trainer is: \(setup.recipe.name)
      stage \(setup.stage) of the plans: patch \(stage.patchSize), batch \(setup.batchSize), \
      spacing \(stage.spacing)
      I am using \(dice) dice, \(setup.recipe.loss.description)
      I am using data from this folder: \(setup.preparedFolder.path)
      \(setup.split.training.count) training cases, \(setup.split.validation.count) validation \
      cases, fold folder \(setup.foldFolder.url.path)
      \(setup.recipe.epochs) epochs of \(setup.recipe.iterationsPerEpoch) + \
      \(setup.recipe.validationIterationsPerEpoch) batches, seed \(setup.seed), \
      \(setup.device) in \(setup.precision.rawValue)
      ###############################################
      """)
  }
}
