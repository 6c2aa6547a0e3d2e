public import Arrays
public import Plans

/// A case as it lies on the disk: all channels and, in training, the labels.
public struct RawCase: Sendable {
  /// The voxels, `(channel, z, y, x)`.
  public var data: DenseArray<Float>
  /// The labels, `(z, y, x)`; nil where there are none.
  public var labels: DenseArray<Int16>?
  /// Sizes, files and geometry; the entries about cropping say that nothing was cropped.
  public var properties: CaseProperties

  public init(
    data: DenseArray<Float>, labels: DenseArray<Int16>?, properties: CaseProperties
  ) {
    self.data = data
    self.labels = labels
    self.properties = properties
  }
}

/// A case cut to the box around its nonzero voxels.
public struct CroppedCase: Sendable {
  /// The voxels, `(channel, z, y, x)`.
  public var data: DenseArray<Float>
  /// The labels, `(z, y, x)`.
  ///
  /// Voxels outside of the nonzero mask without a label are -1; a case without label file is 0
  /// inside of the mask.
  public var labels: DenseArray<Int16>
  public var properties: CaseProperties

  public init(data: DenseArray<Float>, labels: DenseArray<Int16>, properties: CaseProperties) {
    self.data = data
    self.labels = labels
    self.properties = properties
  }
}

/// A case as the network sees it: transposed, resampled and normalized.
public struct PreparedCase: Sendable {
  /// The voxels, `(channel, z, y, x)` in the plans' axis order.
  public var data: DenseArray<Float>
  /// The labels, `(z, y, x)` in the plans' axis order; -1 outside of the nonzero mask.
  public var labels: DenseArray<Int16>
  public var properties: CaseProperties

  public init(data: DenseArray<Float>, labels: DenseArray<Int16>, properties: CaseProperties) {
    self.data = data
    self.labels = labels
    self.properties = properties
  }
}
