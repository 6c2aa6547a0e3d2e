import NNUNet

/// Maps the 1st and the 99th percentile of a channel's nonzero region to 0 and 1.
///
/// Voxels beyond them keep their order up to a tenth of the range; those outside the region are 0
/// if the plans normalize within the mask.
func scaleByPercentiles(
  _ voxels: UnsafeMutableBufferPointer<Float>, _ context: NormalizationContext
) {
  let labels = context.labels.scalars
  let inside = voxels.indices.filter { labels[$0] >= 0 }.map { voxels[$0] }.sorted()
  guard let first = inside.first else { return }
  let (low, high) = (inside[inside.count / 100], inside[inside.count * 99 / 100])
  let range = high > low ? high - low : max((inside.last ?? first) - first, 1)
  for index in voxels.indices {
    voxels[index] =
      context.usesMask && labels[index] < 0
      ? 0 : min(max((voxels[index] - low) / range, -0.1), 1.1)
  }
}
