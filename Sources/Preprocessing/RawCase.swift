package import Arrays
package import Plans

/// A case from the disk: all channels and, in training, the labels.
package struct RawCase: Sendable {
  /// The voxels, `(channel, z, y, x)`.
  package var data: DenseArray<Float>
  /// The labels, `(z, y, x)`; nil if there are none.
  package var labels: DenseArray<Int16>?
  /// Sizes, files and geometry; according to the entries about cropping, nothing was cropped.
  package var properties: CaseProperties

  package init(
    data: DenseArray<Float>, labels: DenseArray<Int16>?, properties: CaseProperties
  ) {
    self.data = data
    self.labels = labels
    self.properties = properties
  }
}

/// A case cropped to the box around its nonzero voxels.
package struct CroppedCase: Sendable {
  /// The voxels, `(channel, z, y, x)`.
  package var data: DenseArray<Float>
  /// The labels, `(z, y, x)`.
  ///
  /// Voxels outside the nonzero mask without a label are -1; a case without a label file is 0
  /// inside the mask.
  package var labels: DenseArray<Int16>
  package var properties: CaseProperties

  package init(data: DenseArray<Float>, labels: DenseArray<Int16>, properties: CaseProperties) {
    self.data = data
    self.labels = labels
    self.properties = properties
  }
}

/// The input of a network: a transposed, resampled and normalized case.
package struct PreparedCase: Sendable {
  /// The voxels, `(channel, z, y, x)` in the plans' axis order.
  package var data: DenseArray<Float>
  /// The labels, `(z, y, x)` in the plans' axis order; -1 outside the nonzero mask.
  package var labels: DenseArray<Int16>
  package var properties: CaseProperties

  package init(data: DenseArray<Float>, labels: DenseArray<Int16>, properties: CaseProperties) {
    self.data = data
    self.labels = labels
    self.properties = properties
  }
}
