import Arrays
import Augmentation
import Preprocessing

/// One batch on the host.
struct TrainingBatch: Sendable {
  /// `(batch, channel, spatial…)`.
  var data: DenseArray<Float>
  /// Labels `(batch, spatial…)`, or regions `(batch, region, spatial…)`, per network output, highest resolution first.
  var targets: [DenseArray<Int16>]
}

/// The position of a batch in a training.
struct BatchPosition: Hashable, Sendable {
  var purpose: PatchPipeline.Purpose
  var epoch: Int
  var index: Int
}

/// The batches of a training in their order: for each epoch those to train with, then those to
/// validate.
///
/// Computed, because there may be more than fit into memory.
struct BatchPositions: RandomAccessCollection, Sendable {
  /// The remaining epochs.
  var epochs: Range<Int>
  /// The training batches of an epoch.
  var training: Int
  /// The validation batches of an epoch.
  var validation: Int

  var startIndex: Int { 0 }
  var endIndex: Int { epochs.count * (training + validation) }

  subscript(position: Int) -> BatchPosition {
    let (epoch, index) = position.quotientAndRemainder(dividingBy: training + validation)
    return index < training
      ? BatchPosition(purpose: .training, epoch: epochs.lowerBound + epoch, index: index)
      : BatchPosition(
        purpose: .validation, epoch: epochs.lowerBound + epoch, index: index - training)
  }
}

/// Makes the batches of a training; each depends only on the seed and its position.
struct BatchMaker: Sendable {
  let training: TrainingDataset
  let validation: TrainingDataset
  let trainingPipeline: PatchPipeline
  let validationPipeline: PatchPipeline
  /// The samples of a batch that this process makes.
  let elements: Range<Int>
  let supervision: Augmentation.DeepSupervision
  /// Whether targets keep their channels, which are regions.
  let keepsLabelChannels: Bool
  let seed: UInt64

  func batch(at position: BatchPosition) throws -> TrainingBatch {
    let (dataset, pipeline) =
      position.purpose == .training
      ? (training, trainingPipeline) : (validation, validationPipeline)
    let samples = try elements.map { element in
      var generator = PatchPipeline.generator(
        seed: seed, purpose: position.purpose, epoch: position.epoch, batch: position.index,
        element: element)
      let choice = PatchPipeline.chooseCase(of: dataset.cases.count, using: &generator)
      let drawn = dataset.cases[choice]
      do {
        return try drawn.withReader { reader in
          try pipeline.makePatch(
            element: element, from: reader, locations: drawn.locations, using: &generator
          ).sample
        }
      } catch let error as AugmentationError {
        throw TrainingError.damagedCase(identifier: drawn.identifier, reason: error.message)
      }
    }
    let targets = samples.map { supervision.targets($0.labels) }
    return TrainingBatch(
      data: .stack(samples.map(\.data)),
      targets: supervision.scales.indices.map { level in
        // A single label channel is removed.
        .stack(targets.map { keepsLabelChannels ? $0[level] : $0[level].slice(0) })
      })
  }
}

extension TrainingDataset.Case {
  /// Reads patches of the case, and of the previous configuration's segmentation if there is one.
  fileprivate func withReader<Result>(_ body: (PatchReader) throws -> Result) throws -> Result {
    try mapped.array.withScalars { scalars in
      guard let previous else {
        return try body(
          PatchReader(scalars: scalars, shape: mapped.array.shape, labels: self.labels))
      }
      return try previous.withScalars { labels in
        try body(
          PatchReader(
            scalars: scalars, shape: mapped.array.shape, labels: self.labels,
            previousLabels: labels))
      }
    }
  }
}
