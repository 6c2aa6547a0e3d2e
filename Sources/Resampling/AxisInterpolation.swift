package import Arrays
import HostSystem

/// Resizes only the first axis, without limiting the result to the input's range.
///
/// Equal to `scipy.ndimage.map_coordinates` with `mode='nearest'` at `(i + 0.5) · n / m - 0.5`
/// along the first axis and at the voxels along the others. Halfway between two voxels, the upper
/// one is used with ``InterpolationOrder/nearest``.
///
/// - Parameters:
///   - array: At least one axis.
///   - length: The new extent of the first axis, at least 1.
///   - order: The degree of the spline.
///   - threads: The number of threads to work with.
/// - Returns: An array with the first extent `length`.
package func interpolateFirstAxis(
  of array: DenseArray<Float>, to length: Int, order: InterpolationOrder, threads: Int = 1
) -> DenseArray<Float> {
  guard array.shape[0] != length else { return array }
  let width = array.shape.dropFirst().trustedProduct
  let shape = [length] + array.shape.dropFirst()
  let axis = AxisSampling(from: array.shape[0], to: length, order: order)
  return DenseArray(shape: shape) { result in
    array.scalars.withUnsafeBufferPointer { source in
      LinePass(axis: axis, limits: nil, threads: threads)
        .alongSlowAxis(source.baseAddress!, width: width, into: result.baseAddress!)
    }
  }
}

/// Resizes only the first axis of a segmentation, label by label.
///
/// With ``InterpolationOrder/linear`` a voxel gets the label whose mask has more than one half of
/// the weight (exactly one half is not enough here, because nnU-Net rounds halves to even), and 0
/// if no label has.
///
/// - Parameters:
///   - labels: At least one axis.
///   - length: The new extent of the first axis, at least 1.
///   - order: ``InterpolationOrder/nearest`` or ``InterpolationOrder/linear``.
/// - Returns: Labels with the first extent `length`.
package func interpolateFirstAxis(
  ofLabels labels: DenseArray<Int16>, to length: Int, order: InterpolationOrder
) -> DenseArray<Int16> {
  precondition(order != .cubic, "labels are resized with order 0 or 1")
  guard labels.shape[0] != length else { return labels }
  let width = labels.shape.dropFirst().trustedProduct
  let axis = LabelAxis(from: labels.shape[0], to: length)
  let nearest = AxisSampling.nearestIndices(from: labels.shape[0], to: length)
  return DenseArray(shape: [length] + labels.shape.dropFirst()) { result in
    labels.scalars.withUnsafeBufferPointer { source in
      for index in 0..<length {
        let target = result.baseAddress! + index * width
        if order == .nearest {
          target.initialize(from: source.baseAddress! + nearest[index] * width, count: width)
          continue
        }
        let lower = source.baseAddress! + axis.lower[index] * width
        let upper = source.baseAddress! + axis.upper[index] * width
        for position in 0..<width {
          var vote = LabelVote()
          vote.add(lower[position], weight: axis.lowerWeight[index])
          vote.add(upper[position], weight: axis.upperWeight[index])
          target[position] = vote.strictWinner
        }
      }
    }
  }
}
