import Arrays

/// Writes one label for another, in all label channels.
///
/// nnU-Net counts what is outside of the image (-1) as background (0).
/// Source: batchgenerators, `RemoveLabelTransform`.
public struct LabelReplacement: FixedTransform, Hashable, Codable {
  /// The label that is taken away.
  public var label: Int16 = -1
  /// The label that is written.
  public var replacement: Int16 = 0

  public init(label: Int16 = -1, replacement: Int16 = 0) {
    self.label = label
    self.replacement = replacement
  }

  public func apply(to sample: inout AugmentationSample) {
    sample.labels.scalars.withUnsafeMutableBufferPointer { labels in
      for index in labels.indices where labels[index] == label { labels[index] = replacement }
    }
  }
}
