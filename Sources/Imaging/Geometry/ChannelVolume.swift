package import Arrays

/// The image of one file: all values of its voxels and their positions.
package struct ChannelVolume: Sendable {
  /// The values, `(channel, z, y, x)`; a flat image has one slice.
  package var voxels: DenseArray<Float>
  /// Spacing, origin and direction.
  package var geometry: Geometry

  /// Creates an image.
  ///
  /// - Precondition: `voxels` has four axes.
  package init(voxels: DenseArray<Float>, geometry: Geometry) {
    precondition(voxels.rank == 4, "an image with channels has four axes, not \(voxels.rank)")
    self.voxels = voxels
    self.geometry = geometry
  }

  /// The number of channels.
  package var channels: Int { voxels.shape[0] }
  /// The shape of a channel, `(z, y, x)`.
  package var volumeShape: [Int] { Array(voxels.shape.dropFirst()) }
}
