import Arrays

/// Moves the segmentation of the previous configuration to the image channels, one mask per label.
///
/// Used by the second configuration of a cascade. The masks follow the image channels, after all
/// intensity transforms. Source: nnU-Net, `MoveSegAsOneHotToData`.
package struct PreviousSegmentation: FixedTransform, Hashable {
  /// The labels that get a mask; the background has none.
  package var labels: [Int16]

  package init(labels: [Int16]) { self.labels = labels }

  /// - Precondition: The sample has two label channels.
  package func apply(to sample: inout AugmentationSample) {
    precondition(sample.labels.shape[0] == 2, "the sample has no previous segmentation")
    let (voxels, shape) = (sample.voxels, sample.spatialShape)
    let previous = sample.labels.slice(1)
    let current = sample.labels.slice(0)
    let data = sample.data
    let joined = DenseArray<Float>(shape: [sample.channels + labels.count] + shape) { target in
      _ = target.initialize(fromContentsOf: data.scalars)
      for (mask, label) in labels.enumerated() {
        let start = data.count + mask * voxels
        previous.scalars.withUnsafeBufferPointer { previous in
          for voxel in 0..<voxels { target[start + voxel] = previous[voxel] == label ? 1 : 0 }
        }
      }
    }
    sample = AugmentationSample(data: joined, labels: current.reshaped(to: [1] + shape))
  }
}
