import Arrays

/// Replaces the labels with masks of regions, unions of labels that may overlap.
///
/// Source: nnU-Net, `ConvertSegmentationToRegionsTransform`.
package struct LabelRegions: FixedTransform, Hashable {
  /// The labels of each region.
  package var regions: [[Int16]]

  package init(regions: [[Int16]]) { self.regions = regions }

  package func apply(to sample: inout AugmentationSample) {
    let voxels = sample.voxels
    let labels = sample.labels
    sample.labels = .init(shape: [regions.count] + sample.spatialShape) { masks in
      labels.scalars.withUnsafeBufferPointer { labels in
        for (region, members) in regions.enumerated() {
          for voxel in 0..<voxels {
            masks[region * voxels + voxel] = members.contains(labels[voxel]) ? 1 : 0
          }
        }
      }
    }
  }
}
