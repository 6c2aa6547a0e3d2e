/// The degree of the spline through the voxels.
public enum InterpolationOrder: Int, Codable, Hashable, Sendable, CaseIterable {
  /// The nearest voxel.
  case nearest = 0
  /// Linear interpolation between neighbouring voxels.
  case linear = 1
  /// The cubic B-spline through the voxels.
  case cubic = 3

  /// The number of voxels that contribute along one axis.
  var taps: Int { rawValue + 1 }
}
