import Arrays

/// Replaces one label with another in all label channels.
///
/// nnU-Net counts voxels outside the image (-1) as background (0). Source: batchgenerators,
/// `RemoveLabelTransform`.
package struct LabelReplacement: FixedTransform, Hashable {
  /// The label to replace.
  package var label: Int16 = -1
  /// The new label.
  package var replacement: Int16 = 0

  package init(label: Int16 = -1, replacement: Int16 = 0) {
    self.label = label
    self.replacement = replacement
  }

  package func apply(to sample: inout AugmentationSample) {
    sample.labels.scalars.withUnsafeMutableBufferPointer { labels in
      for index in labels.indices where labels[index] == label { labels[index] = replacement }
    }
  }
}
