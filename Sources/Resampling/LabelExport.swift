package import Arrays

/// Resizes a predicted segmentation to the size of the cropped image by nnU-Net's rules.
///
/// - Parameters:
///   - labels: `(z, y, x)` in the image's axis order.
///   - shape: The new shape.
///   - separateAxis: The axis that is resampled separately (to the nearest voxel), if any.
///   - order: ``InterpolationOrder/linear`` label by label, or ``InterpolationOrder/nearest``.
///   - threads: The number of threads to work with.
/// - Returns: Labels with the extents `shape`.
package func resizeLabels(
  _ labels: DenseArray<Int16>, to shape: [Int], separateAxis: Int?, order: InterpolationOrder,
  threads: Int = 1
) -> DenseArray<Int16> {
  guard labels.shape != shape else { return labels }
  guard let axis = separateAxis else {
    return resizeLabels(labels, to: shape, order: order, threads: threads)
  }
  let forward = [axis] + (0..<3).filter { $0 != axis }
  let backward = forward.inversePermutation
  let volume = labels.transposed(forward)
  let target = forward.map { shape[$0] }
  let planes = DenseArray.stack(
    (0..<volume.shape[0]).map {
      resizeLabels(
        volume.slice($0), to: Array(target.dropFirst()), order: order, threads: threads)
    })
  return interpolateFirstAxis(ofLabels: planes, to: target[0], order: .nearest)
    .transposed(backward)
}
