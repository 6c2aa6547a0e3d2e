/// A map from output voxels to input coordinates: `input = matrix · output + offset`.
///
/// Coordinates are in voxels in the arrays' axis order, `(z, y, x)` or `(y, x)`.
public struct AffineMap: Hashable, Sendable {
  /// `rank × rank`, row-major; row `a` gives the input coordinate of axis `a`.
  public var matrix: [Double]
  /// One entry per axis.
  public var offset: [Double]

  /// - Precondition: `matrix` has as many rows and columns as `offset` has entries, two or three.
  public init(matrix: [Double], offset: [Double]) {
    precondition((2...3).contains(offset.count) && matrix.count == offset.count * offset.count)
    self.matrix = matrix
    self.offset = offset
  }

  /// The number of axes.
  public var rank: Int { offset.count }

  /// The map of volumes that treats an image as one slice.
  var asVolumeMap: AffineMap {
    guard rank == 2 else { return self }
    return AffineMap(
      matrix: [1, 0, 0, 0, matrix[0], matrix[1], 0, matrix[2], matrix[3]], offset: [0] + offset)
  }

  /// The input coordinate of an output voxel without the last axis, and the step along that axis.
  @inline(__always)
  func row(_ z: Int, _ y: Int) -> (start: SIMD3<Double>, step: SIMD3<Double>) {
    let (dz, dy) = (Double(z), Double(y))
    let start = SIMD3<Double>(
      matrix[0] * dz + matrix[1] * dy + offset[0], matrix[3] * dz + matrix[4] * dy + offset[1],
      matrix[6] * dz + matrix[7] * dy + offset[2])
    return (start, SIMD3<Double>(matrix[2], matrix[5], matrix[8]))
  }
}
