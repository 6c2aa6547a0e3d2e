/// The largest distance, in mm, of a voxel from the voxel with the same index in another geometry.
///
/// Positions are affine in the index, so that the largest difference is at one of the corners of
/// the images, which both have `shape` voxels (z, y, x).
package func largestDistance(between first: Geometry, and second: Geometry, shape: [Int]) -> Double
{
  var largest = 0.0
  for corner in 0..<8 {
    let index = (0..<3).map { axis in
      (corner >> axis) & 1 == 1 ? Double(shape[2 - axis] - 1) : 0
    }
    let (left, right) = (position(of: index, in: first), position(of: index, in: second))
    let distance = zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    // A NaN in either header must not count as equal.
    largest = distance.isNaN ? .infinity : max(largest, distance)
  }
  return largest
}

/// The position in mm, x, y, z, of the voxel with an index in the order x, y, z.
private func position(of index: [Double], in geometry: Geometry) -> [Double] {
  var position = geometry.origin
  for row in 0..<3 {
    for axis in 0..<3 {
      let step: Double = geometry.direction[3 * row + axis] * geometry.spacing[axis]
      position[row] += step * index[axis]
    }
  }
  return position
}
