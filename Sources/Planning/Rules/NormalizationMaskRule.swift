import Arrays
import HostSystem
public import Plans

/// Decides which channels are normalized within the nonzero mask only.
///
/// Where cropping to the nonzero region takes away much (skull-stripped brains), the zeros outside
/// are no tissue and must not enter the mean.
public struct NormalizationMaskRule: Hashable, Sendable {
  /// Masks are used when the median case keeps less than this part of its voxels.
  package var keptPart = 3.0 / 4

  /// Creates nnU-Net's rule: masks are used where the median case keeps less than 3/4 of its
  /// voxels.
  public init() {}

  /// Whether each channel is normalized within the mask.
  ///
  /// CT channels never are: for them zero is a tissue. As in nnU-Net v1, a channel counts as CT here
  /// when its name contains "CT" in capitals.
  public func callAsFunction(_ fingerprint: DatasetFingerprint) -> [Int: Bool] {
    let reductions = Array(fingerprint.sizeReductions.values)
    let isCropped = !reductions.isEmpty && median(reductions) < keptPart
    return fingerprint.channelNames.mapValues { !$0.holds("CT") && isCropped }
  }
}
