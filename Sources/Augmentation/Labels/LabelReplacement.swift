import Arrays

/// Writes one label for another, in all label channels.
///
/// nnU-Net counts what is outside of the image (-1) as background (0).
/// Source: batchgenerators, `RemoveLabelTransform`.
package struct LabelReplacement: FixedTransform, Hashable, Codable {
  /// The label that is taken away.
  package var label: Int16 = -1
  /// The label that is written.
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
