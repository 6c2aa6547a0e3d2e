import HostSystem

/// The voxel types of all file formats.
package typealias VoxelScalar = NIfTIScalar

/// What a file says about its voxels and their positions, in any format.
package struct VolumeHeader: Hashable, Sendable {
  /// The extents along x, y and, unless the image is flat, z.
  package var extents: [Int]
  /// The number of values of a voxel.
  package var channels = 1
  /// Whether the values of a voxel are adjacent; otherwise whole channels follow each other.
  package var isInterleaved = false
  /// The type of the stored values.
  package var scalar: VoxelScalar
  /// Spacing, origin and direction; that of a flat image comes from ``Geometry/init(flat:origin:direction:)``.
  package var geometry: Geometry

  /// The shape `(z, y, x)`; a flat image has one slice.
  package var volumeShape: [Int] {
    extents.count == 2 ? [1, extents[1], extents[0]] : extents.reversed()
  }
  /// The number of voxels.
  package var voxelCount: Int { extents.trustedProduct }
  /// The number of bytes of the values in the file before compression.
  var byteCount: Int { voxelCount * channels * scalar.size }

  /// Whether the sizes are positive and so small that no product of them exceeds `Int`.
  var isPossible: Bool {
    guard extents.allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) }), channels > 0,
      let count = checkedProduct(extents + [channels])
    else { return false }
    return count <= Int.max / 64
  }
}
