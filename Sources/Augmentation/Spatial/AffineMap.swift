import Foundation

/// The map from voxels of the network's input to coordinates in the larger patch.
///
/// Vectors contain (z, y, x) and a fourth number that is 0; for two axes, z is 0, too. Source:
/// batchgenerators, `augment_spatial`: a mesh around 0 is rotated, multiplied by the scale and
/// moved to the centre of the larger patch.
struct AffineMap {
  /// The coordinates of the first voxel.
  let origin: SIMD4<Double>
  /// The difference for a step along z, y and x.
  let steps: (z: SIMD4<Double>, y: SIMD4<Double>, x: SIMD4<Double>)

  /// Creates the map that rotates and scales about the centres of both patches.
  ///
  /// - Parameters:
  ///   - angles: In radians: around the three axes in turn, or one for two axes; empty for none.
  ///   - scales: The factors of the coordinates along each axis; above 1, the content shrinks.
  ///   - source: The extents of the patch that is read.
  ///   - size: The extents of the resulting patch.
  init(angles: [Double], scales: [Double], from source: [Int], to size: [Int]) {
    let rank = size.count
    precondition((2...3).contains(rank) && source.count == rank)
    let rotation = rotationMatrix(angles: angles, rank: rank)
    let lanes = 3 - rank
    func step(along axis: Int) -> SIMD4<Double> {
      var step = SIMD4<Double>.zero
      for lane in 0..<rank { step[lanes + lane] = rotation[axis][lane] * scales[lane] }
      return step
    }
    let all = (0..<3).map { $0 < lanes ? SIMD4<Double>.zero : step(along: $0 - lanes) }
    steps = (all[0], all[1], all[2])
    var origin = SIMD4<Double>.zero
    for axis in 0..<rank {
      origin[lanes + axis] = Double(source[axis]) / 2 - 0.5
    }
    for axis in 0..<rank {
      origin -= all[lanes + axis] * ((Double(size[axis]) - 1) / 2)
    }
    self.origin = origin
  }

  /// The coordinates of a voxel.
  @inline(__always)
  func coordinates(z: Int, y: Int, x: Int) -> SIMD4<Double> {
    origin + steps.z * Double(z) + steps.y * Double(y) + steps.x * Double(x)
  }

  /// The smallest box that contains the coordinates of all voxels of `size`.
  func bounds(of size: [Int]) -> (low: SIMD4<Double>, high: SIMD4<Double>) {
    var (low, high) = (origin, origin)
    let volume = size.count == 3 ? size : [1] + size
    for (extent, step) in zip(volume, [steps.z, steps.y, steps.x]) {
      let reach = step * Double(extent - 1)
      low += pointwiseMin(reach, .zero)
      high += pointwiseMax(reach, .zero)
    }
    return (low, high)
  }
}

/// The matrix for row vectors, multiplied from the right.
///
/// Around the first axis, then the second, then the third; right-handed.
/// Source: batchgenerators, `rotate_coords_3d` and `rotate_coords_2d`.
func rotationMatrix(angles: [Double], rank: Int) -> [[Double]] {
  let identity = (0..<rank).map { row in (0..<rank).map { $0 == row ? 1.0 : 0.0 } }
  guard !angles.isEmpty else { return identity }
  precondition(angles.count == (rank == 3 ? 3 : 1), "\(angles.count) angles for \(rank) axes")
  let turns = zip(angles.map { cos($0) }, angles.map { sin($0) })
  guard rank == 3 else {
    return turns.map { c, s in [[c, -s], [s, c]] }[0]
  }
  let (c, s) = (angles.map { cos($0) }, angles.map { sin($0) })
  let first = [[1, 0, 0], [0, c[0], -s[0]], [0, s[0], c[0]]]
  let second = [[c[1], 0, s[1]], [0, 1, 0], [-s[1], 0, c[1]]]
  let third = [[c[2], -s[2], 0], [s[2], c[2], 0], [0, 0, 1]]
  return product(product(first, second), third)
}

private func product(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
  left.map { row in
    right[0].indices.map { column in
      zip(row, right).map { $0 * $1[column] }.reduce(0, +)
    }
  }
}
