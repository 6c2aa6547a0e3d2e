package import Arrays
import HostSystem

/// Resizes a volume or an image by spline interpolation.
///
/// Equal to `skimage.transform.resize` with `mode='edge'`, `anti_aliasing=False` and
/// `preserve_range=True`: voxels are cells with centres at `(i + 0.5) · n / m - 0.5`; beyond the
/// border the volume continues with its border voxels; the result is clipped to the range of the
/// input, because cubic splines overshoot at edges. Arithmetic is in double precision.
///
/// - Parameters:
///   - array: `(z, y, x)` or `(y, x)`, finite values.
///   - shape: The shape of the result, of the same rank, without zeros.
///   - order: The degree of the spline.
///   - clips: Whether values are limited to the range of `array`.
///   - threads: The number of threads to work with.
/// - Returns: An array with the extents `shape`.
package func resize(
  _ array: DenseArray<Float>, to shape: [Int], order: InterpolationOrder, clips: Bool = true,
  threads: Int = 1
) -> DenseArray<Float> {
  precondition(
    array.rank == shape.count && (2...3).contains(array.rank),
    "cannot resize \(array.shape) to \(shape)")
  guard array.shape != shape else { return array }
  if order == .nearest { return resizeToNearest(array, to: shape, threads: threads) }
  let plan = VolumeResize(from: array.shape, to: shape, order: order, clips: clips)
  return DenseArray(shape: shape) { result in
    array.scalars.withUnsafeBufferPointer { source in
      plan.run(source.baseAddress!, into: result.baseAddress!, threads: threads)
    }
  }
}

/// Resizes an array by taking the nearest element; halfway between two cells, the upper one is
/// used.
///
/// Equal to `skimage.transform.resize` of order 0 with `mode='edge'`.
///
/// - Parameters:
///   - array: `(z, y, x)` or `(y, x)`.
///   - shape: The shape of the result, of the same rank, without zeros.
///   - threads: The number of threads to work with.
/// - Returns: An array with the extents `shape`.
package func resizeToNearest<Scalar: BitwiseCopyable & Sendable>(
  _ array: DenseArray<Scalar>, to shape: [Int], threads: Int = 1
) -> DenseArray<Scalar> {
  precondition(
    array.rank == shape.count && (2...3).contains(array.rank),
    "cannot resize \(array.shape) to \(shape)")
  let (input, output) = (asVolume(array.shape), asVolume(shape))
  let indices = zip(input, output).map { AxisSampling.nearestIndices(from: $0, to: $1) }
  return DenseArray(shape: shape) { result in
    array.scalars.withUnsafeBufferPointer { source in
      nonisolated(unsafe) let (source, result) = (source.baseAddress!, result.baseAddress!)
      forEachInParallel(count: output[0], threads: threads) { z in
        indices[2].withUnsafeBufferPointer { columns in
          for y in 0..<output[1] {
            let line = source + (indices[0][z] &* input[1] &+ indices[1][y]) &* input[2]
            let target = result + (z &* output[1] &+ y) &* output[2]
            for x in 0..<output[2] { target[x] = line[columns[x]] }
          }
        }
      }
    }
  }
}

/// A shape with three axes; an image is a volume of one slice.
func asVolume(_ shape: [Int]) -> [Int] { shape.count == 3 ? shape : [1] + shape }
