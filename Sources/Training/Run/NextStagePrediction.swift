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
      precision: setup.precision.scalarType)
    let volumes = VolumePredictor(patchSize: setup.stagePlan.patchSize)
    let low = PreparedStore(folder: setup.preparedFolder)
    let full = PreparedStore(task: setup.preprocessedTask, plans: setup.plans, stage: next)
    let store = NextStageStore(model: setup.modelFolder)
    for (index, identifier) in setup.split.validation.enumerated() {
      let probabilities = try volumes.probabilities(
        of: try low.open(identifier).loadedData(), using: [predictor])
      let resampled = resampleProbabilities(
        probabilities, to: try full.open(identifier).shape, originalSpacing: target.spacing,
        currentSpacing: setup.stagePlan.spacing)
      try store.write(resampled.mostProbableLabels(), identifier)
      log.advance("next stage", completed: index + 1, of: setup.split.validation.count)
    }
  }
}

extension DenseArray where Scalar == Float {
  /// The index of the largest value along the first axis; the lowest where several are.
  func mostProbableLabels() -> DenseArray<UInt8> {
    let voxels = shape.dropFirst().reduce(1, *)
    return DenseArray<UInt8>(shape: Array(shape.dropFirst())) { target in
      scalars.withUnsafeBufferPointer { values in
        for voxel in 0..<voxels {
          var best = 0
          for label in 1..<shape[0]
          where values[label * voxels + voxel] > values[best * voxels + voxel] { best = label }
          target[voxel] = UInt8(best)
        }
      }
    }
  }
}
