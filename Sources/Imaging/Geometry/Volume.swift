public import Arrays

/// An image: voxels and where they lie.
public struct Volume: Sendable {
  /// The voxels, `(z, y, x)`; a 2D image has one slice.
  public var voxels: DenseArray<Float>
  /// Spacing, origin and direction.
  public var geometry: Geometry

  /// Creates an image.
  ///
  /// - Precondition: `voxels` has three axes.
  public init(voxels: DenseArray<Float>, geometry: Geometry) {
    precondition(voxels.rank == 3, "a volume has three axes, not \(voxels.rank)")
    self.voxels = voxels
    self.geometry = geometry
  }
}

/// A segmentation: one label per voxel and where the voxels lie.
public struct LabelVolume: Sendable {
  /// The labels, `(z, y, x)`.
  public var labels: DenseArray<UInt8>
  /// Spacing, origin and direction.
  public var geometry: Geometry

  /// Creates a segmentation.
  ///
  /// - Precondition: `labels` has three axes.
  public init(labels: DenseArray<UInt8>, geometry: Geometry) {
    precondition(labels.rank == 3, "a volume has three axes, not \(labels.rank)")
    self.labels = labels
    self.geometry = geometry
  }
}
