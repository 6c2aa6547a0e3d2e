package import Arrays

/// An image: voxels and their positions.
package struct Volume: Sendable {
  /// The voxels, `(z, y, x)`; a 2D image has one slice.
  package var voxels: DenseArray<Float>
  /// Spacing, origin and direction.
  package var geometry: Geometry

  /// Creates an image.
  ///
  /// - Precondition: `voxels` has three axes.
  package init(voxels: DenseArray<Float>, geometry: Geometry) {
    precondition(voxels.rank == 3, "a volume has three axes, not \(voxels.rank)")
    self.voxels = voxels
    self.geometry = geometry
  }
}

/// A segmentation: one label per voxel and the positions of the voxels.
package struct LabelVolume: Sendable {
  /// The labels, `(z, y, x)`.
  package var labels: DenseArray<UInt8>
  /// Spacing, origin and direction.
  package var geometry: Geometry

  /// Creates a segmentation.
  ///
  /// - Precondition: `labels` has three axes.
  package init(labels: DenseArray<UInt8>, geometry: Geometry) {
    precondition(labels.rank == 3, "a volume has three axes, not \(labels.rank)")
    self.labels = labels
    self.geometry = geometry
  }
}
