import Arrays
import HostSystem
public import Plans

/// Decides which channels are normalized only within the nonzero mask.
///
/// If cropping to the nonzero region removes much (skull-stripped brains), the zeros outside are
/// not tissue and must not affect the mean.
public struct NormalizationMaskRule: Hashable, Sendable {
  /// Masks are used if the median case keeps less than this part of its voxels.
  package var keptPart = 3.0 / 4

  /// Creates nnU-Net's rule: masks are used if the median case keeps less than 3/4 of its voxels.
  public init() {}

  /// Whether each channel is normalized within the mask.
  ///
  /// CT channels never are, because zero is a tissue for them. As in nnU-Net v1, a channel counts
  /// as CT here if its name contains "CT" in capitals.
  public func callAsFunction(_ fingerprint: DatasetFingerprint) -> [Int: Bool] {
    let reductions = Array(fingerprint.sizeReductions.values)
    let isCropped = !reductions.isEmpty && median(reductions) < keptPart
    return fingerprint.channelNames.mapValues { !$0.holds("CT") && isCropped }
  }
}
