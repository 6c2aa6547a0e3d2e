import HostSystem

/// The extents of the patch that must be read so that rotating and scaling it leaves no gaps.
///
/// Along each axis, this is the largest extent of the patch when it is rotated about each axis by
/// the largest angle (at most 90°), divided by the smallest scale and truncated. Source: nnU-Net,
/// `get_patch_size`. Its trainer computes it with the older scale 0.85, although it scales with
/// factors from 0.7. Therefore, corners of strongly shrunk patches are 0.
///
/// - Parameters:
///   - patchSize: The extents of the network's input, two or three.
///   - angles: The ranges of the angles in radians: three, or one for two axes.
///   - smallestScale: The assumed smallest factor of the coordinates.
/// - Returns: The extents in voxels, as many as `patchSize` has.
package func initialPatchSize(
  for patchSize: [Int], angles: [ClosedRange<Double>], smallestScale: Double = 0.85
) -> [Int] {
  let rank = patchSize.count
  precondition(angles.count == (rank == 3 ? 3 : 1), "\(angles.count) angles for \(rank) axes")
  let largest = angles.map { min(max(abs($0.lowerBound), abs($0.upperBound)), .pi / 2) }
  var extents = patchSize.map(Double.init)
  for axis in largest.indices {
    var turn = Array(repeating: 0.0, count: largest.count)
    turn[axis] = largest[axis]
    let matrix = rotationMatrix(angles: turn, rank: rank)
    for column in 0..<rank {
      let turned = zip(patchSize, matrix).map { Double($0) * $1[column] }.reduce(0, +)
      extents[column] = max(extents[column], abs(turned))
    }
  }
  return extents.map { Int(trusted: $0 / smallestScale) }
}
