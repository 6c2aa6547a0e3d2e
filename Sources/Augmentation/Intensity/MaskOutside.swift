import Arrays

/// Sets channels to 0 where the labels mark a voxel as outside the image's nonzero region.
///
/// Channels that were normalized within that region are 0 outside it; interpolation and the
/// intensity transforms change that. Source: nnU-Net, `MaskTransform`.
package struct MaskOutside: FixedTransform, Hashable {
  /// Per channel, whether it was normalized within the nonzero region.
  package var channelsUsingMask: [Bool]

  package init(channelsUsingMask: [Bool]) { self.channelsUsingMask = channelsUsingMask }

  package func apply(to sample: inout AugmentationSample) {
    let labels = sample.labels
    for (channel, usesMask) in channelsUsingMask.enumerated() where usesMask {
      sample.withChannel(channel) { voxels in
        labels.scalars.withUnsafeBufferPointer { labels in
          for index in voxels.indices where labels[index] < 0 { voxels[index] = 0 }
        }
      }
    }
  }
}
