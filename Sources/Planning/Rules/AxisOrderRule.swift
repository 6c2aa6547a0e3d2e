import Arrays

/// Puts the coarsest axis first, so that 2D networks see the slices with the highest resolution and
/// anisotropic 3D networks treat the first axis separately.
public struct AxisOrderRule: Hashable, Sendable {
  /// Creates the rule, which has no settings.
  public init() {}

  /// The order of the axes: axis `a` of a prepared array is axis `order[a]` of the image.
  ///
  /// The spacing is in mm, z, y, x. Of several equally coarse axes, the first is the coarsest.
  public func callAsFunction(targetSpacing: [Double]) -> [Int] {
    let coarsest = firstIndexOfMaximum(targetSpacing)
    return [coarsest] + targetSpacing.indices.filter { $0 != coarsest }
  }

  /// The inverse of an order.
  package static func inverse(of order: [Int]) -> [Int] { order.inversePermutation }
}
