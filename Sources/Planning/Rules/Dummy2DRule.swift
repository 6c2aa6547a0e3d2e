/// Decides whether spatial augmentation leaves the first axis alone.
///
/// Where the patch is much longer in-plane than across the slices, rotating out of the plane would
/// mix few coarse slices.
public struct Dummy2DRule: Hashable, Sendable {
  /// How many times longer than the first axis the longest one must be.
  package var anisotropyThreshold = 3.0

  /// Creates nnU-Net's rule, by which the longest axis must be more than three times the first.
  public init() {}

  /// Whether the patch of a 3D network is augmented slice by slice.
  public func callAsFunction(patchSize: [Int]) -> Bool {
    Double(patchSize.max()!) / Double(patchSize[0]) > anisotropyThreshold  // lint: a patch has axes
  }
}
