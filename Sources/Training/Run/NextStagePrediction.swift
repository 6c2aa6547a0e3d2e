import Arrays
import Foundation
import HostSystem
import Inference
import Networks
import Plans
import Preprocessing

/// Predicts the validation cases of a fold of `3d_lowres` for the second network of a cascade.
///
/// The probabilities are resampled linearly to the shape of the case prepared for the second
/// network, with a thick axis separately as usual; then the label is chosen. Source: nnU-Net v1,
/// `predict_next_stage`, which never resamples a thick axis separately.
struct NextStagePrediction {
  let setup: TrainingSetup
  /// Receives requests to end, between two cases.
  var interruption: TrainingInterruption?

  func run(
    _ network: TrainableNetwork, reportingTo log: some Reporter
  ) throws {
    let next = setup.stage + 1
    guard let target = setup.plans.stages[next] else {
      preconditionFailure("a low resolution has a stage behind it")
    }
    let pipeline = try setup.pipeline(network, options: PredictionOptions())
    let low = PreparedStore(folder: setup.preparedFolder)
    let full = PreparedStore(task: setup.preprocessedTask, plans: setup.plans, stage: next)
    let store = NextStageStore(model: setup.modelFolder)
    try makeFolder(at: store.folder)
    let identifiers = setup.ranks.share(of: setup.split.validation)
    let progress = CaseProgress(
      "predicting for the next stage", weights: try pipeline.passes(of: identifiers, in: low),
      reporter: log)
    let cases = SharedCases(ranks: setup.ranks, interruption: interruption)
    let end = try cases.forEach(identifiers) { identifier in
      let prepared = try low.open(identifier)
      let size = try full.open(identifier).shape
      let labels = NextStageLabels(
        rules: pipeline.rules, outputs: pipeline.outputCount, preparedSize: prepared.shape,
        preparedSpacing: setup.stagePlan.spacing, size: size, spacing: target.spacing
      ) { try store.write($0, identifier) }
      try pipeline.predict(
        prepared.loadedData(), originalVoxels: size.trustedProduct, for: labels,
        scratchFolder: store.folder, reporter: progress.reporter(of: identifier))()
      progress.finishCase(identifier)
    }
    if let end {
      throw TrainingError.nextStageInterrupted(
        reason: end.reason, completed: end.completed, total: setup.split.validation.count)
    }
  }
}
