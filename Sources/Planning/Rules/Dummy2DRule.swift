/// Decides whether spatial augmentation does not affect the first axis.
///
/// If the patch is much longer in-plane than across the slices, rotating out of the plane would mix
/// few coarse slices.
public struct Dummy2DRule: Hashable, Sendable {
  /// The required ratio of the longest axis to the first one.
  package var anisotropyThreshold = 3.0

  /// Creates nnU-Net's rule: the longest axis must be more than three times the first.
  public init() {}

  /// Whether the patch of a 3D network is augmented slice by slice.
  public func callAsFunction(patchSize: [Int]) -> Bool {
    Double(patchSize.max()!) / Double(patchSize[0]) > anisotropyThreshold  // lint: a patch has axes
  }
}
