import Arrays
import HostSystem

/// Chooses the batch size: as many samples as fit into memory, but never so many that one batch
/// covers a large part of the dataset.
public struct BatchSizeRule: Hashable, Sendable {
  /// The largest part of the dataset's voxels in one batch.
  package var largestDatasetPart = 0.05
  /// How the remaining memory is used.
  package var spending: Spending
  /// The smallest batch size that the small-dataset limit allows.
  package var smallestLimit: Int

  /// The rounding of the number of samples that fit.
  public enum Spending: Hashable, Sendable {
    /// The target's batch times the remaining part, rounded down.
    case samples
    /// The target's batch times the whole number of batches that fit.
    case wholeBatches
    /// The target's batch times a sample's part of the memory, rounded down.
    case wholeSamples
  }

  /// - Parameters:
  ///   - spending: How the remaining memory is used.
  ///   - smallestLimit: The minimum of the limit by the dataset's size.
  public init(spending: Spending, smallestLimit: Int) {
    self.spending = spending
    self.smallestLimit = smallestLimit
  }

  /// Computes the number of samples in a batch.
  ///
  /// - Parameters:
  ///   - estimate: The memory of one sample, see ``MemoryEstimate``.
  ///   - target: The memory that training may take.
  ///   - datasetVoxels: The voxels of all cases at the median size.
  ///   - patchVoxels: The voxels of one patch.
  /// - Returns: At least 1.
  public func callAsFunction(
    estimate: Int, target: MemoryTarget, datasetVoxels: Int, patchVoxels: Int
  ) -> Int {
    let ratio = target.valuesPerSample / Double(estimate)
    let fitting =
      switch spending {
      case .samples: (max(ratio, 1) * Double(target.batchSize)).rounded(.down)
      case .wholeSamples: (ratio * Double(target.batchSize)).rounded(.down)
      case .wholeBatches: ratio.rounded(.down) * Double(target.batchSize)
      }
    let part = largestDatasetPart * Double(datasetVoxels) / Double(patchVoxels)
    let most = max(roundHalfEven(part), smallestLimit, 1)
    return Int(nearest: fitting, within: 1...most) ?? 1
  }
}
