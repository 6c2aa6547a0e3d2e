import Arrays
import HostSystem
import Inference
import Plans
import Resampling

/// The unfinished labels of a case on the grid of the next stage of a cascade.
///
/// Outputs are kept whole at the lower resolution and resampled one after the other, so that only
/// two volumes of the other grid are in memory, whatever their number.
struct NextStageLabels: OutputDestination {
  /// What the outputs mean.
  private let scheme: LabelScheme
  /// What a region's output has to exceed.
  private let regionThreshold: Float
  /// The spacing that the case is prepared with, mm, z, y, x.
  private let preparedSpacing: [Double]
  /// The size and spacing of the next stage's grid.
  private let size: [Int]
  private let spacing: [Double]
  /// Receives the labels.
  private let store: @Sendable (DenseArray<UInt8>) throws -> Void
  private var outputs: GatheredOutputs

  init(
    rules: PredictionRules, outputs: Int, preparedSize: [Int], preparedSpacing: [Double],
    size: [Int], spacing: [Double], store: @escaping @Sendable (DenseArray<UInt8>) throws -> Void
  ) {
    scheme = rules.scheme
    regionThreshold = rules.convention.regionThreshold
    self.preparedSpacing = preparedSpacing
    self.size = size
    self.spacing = spacing
    self.store = store
    self.outputs = GatheredOutputs(outputs: outputs, size: preparedSize)
  }

  mutating func append(_ slab: DenseArray<Float>) { outputs.append(slab) }

  func write() throws {
    switch scheme {
    case .labels:
      try store(
        outputs.values.mostProbableLabels(
          in: size, spacing: spacing, resampledFrom: preparedSpacing))
    case .regions(let classOrder):
      try store(
        outputs.values.labels(
          ofRegions: classOrder, above: regionThreshold, in: size, spacing: spacing,
          resampledFrom: preparedSpacing))
    }
  }
}

extension DenseArray where Scalar == Float {
  /// The most probable label of each voxel of another grid; the lowest of equally probable ones.
  func mostProbableLabels(
    in size: [Int], spacing: [Double], resampledFrom currentSpacing: [Double]
  ) -> DenseArray<UInt8> {
    var highest = resampled(0, in: size, spacing: spacing, from: currentSpacing)
    var labels = DenseArray<UInt8>(shape: size, filledWith: 0)
    for label in 1..<shape[0] {
      let values = resampled(label, in: size, spacing: spacing, from: currentSpacing)
      for voxel in values.indices where values[voxel] > highest[voxel] {
        highest[voxel] = values[voxel]
        labels.scalars[voxel] = UInt8(label)
      }
    }
    return labels
  }

  /// The label of the last region of each voxel of another grid, 0 if there is none.
  func labels(
    ofRegions classOrder: [Int], above threshold: Float, in size: [Int], spacing: [Double],
    resampledFrom currentSpacing: [Double]
  ) -> DenseArray<UInt8> {
    var labels = DenseArray<UInt8>(shape: size, filledWith: 0)
    for (region, label) in classOrder.enumerated() {
      let values = resampled(region, in: size, spacing: spacing, from: currentSpacing)
      for voxel in values.indices where values[voxel] > threshold {
        labels.scalars[voxel] = UInt8(label)
      }
    }
    return labels
  }

  /// One of the outputs `(output, z, y, x)` on another grid.
  private func resampled(
    _ output: Int, in size: [Int], spacing: [Double], from currentSpacing: [Double]
  ) -> [Float] {
    resampleProbabilities(
      .stack([slice(output)]), to: size, originalSpacing: spacing, currentSpacing: currentSpacing
    ).scalars
  }
}
