import Arrays
import Foundation
import HostSystem
import Inference
import Networks
import Plans
import Preprocessing
import Resampling
import Torch

/// Predicts the validation cases of a fold of `3d_lowres` for the second network of a cascade.
///
/// The probabilities are resampled linearly to the shape of the case as it is prepared for the
/// second network, a thick axis by itself as everywhere; then the most probable label is taken.
/// Source: nnU-Net v1, `predict_next_stage`, which never resamples a thick axis by itself.
struct NextStagePrediction {
  let setup: TrainingSetup

  func run(
    _ network: TrainableNetwork, reportingTo log: some HostSystem.ProgressReporting
  ) throws {
    let next = setup.stage + 1
    guard let target = setup.plans.stages[next] else {
      preconditionFailure("a low resolution has a stage behind it")
    }
    let predictor = NetworkTilePredictor(
      network.network, device: setup.device, mirrorAxes: setup.recipe.mirrorAxes,
      precision: setup.precision.scalarType, averagesLogits: setup.plans.followsV2)
    var volumes = VolumePredictor(patchSize: setup.stagePlan.patchSize)
    volumes.usesHalfPrecisionWeights = setup.plans.followsV2
    let low = PreparedStore(folder: setup.preparedFolder)
    let full = PreparedStore(task: setup.preprocessedTask, plans: setup.plans, stage: next)
    let store = NextStageStore(model: setup.modelFolder)
    let identifiers = setup.ranks.share(of: setup.split.validation)
    let progress = CaseProgress(
      "predicting for the next stage",
      weights: try volumes.passes(of: identifiers, in: low, using: [predictor]), reporter: log)
    for identifier in identifiers {
      let probabilities = try volumes.probabilities(
        of: try low.open(identifier).loadedData(), using: [predictor],
        reporter: progress.reporter(of: identifier))
      let labels = probabilities.mostProbableLabels(
        in: try full.open(identifier).shape, spacing: target.spacing,
        resampledFrom: setup.stagePlan.spacing)
      try store.write(labels, identifier)
      progress.finishCase(identifier)
    }
  }
}

extension DenseArray where Scalar == Float {
  /// The most probable label of each voxel of another grid; the lowest where several are.
  ///
  /// Probabilities `(labels, z, y, x)` are resampled label by label, so that two volumes of the
  /// other grid are in memory whatever the number of labels.
  func mostProbableLabels(
    in size: [Int], spacing: [Double], resampledFrom currentSpacing: [Double]
  ) -> DenseArray<UInt8> {
    func resampled(_ label: Int) -> [Float] {
      resampleProbabilities(
        .stack([slice(label)]), to: size, originalSpacing: spacing, currentSpacing: currentSpacing
      ).scalars
    }
    var highest = resampled(0)
    var labels = DenseArray<UInt8>(shape: size, filledWith: 0)
    for label in 1..<shape[0] {
      let values = resampled(label)
      for voxel in values.indices where values[voxel] > highest[voxel] {
        highest[voxel] = values[voxel]
        labels.scalars[voxel] = UInt8(label)
      }
    }
    return labels
  }
}
