import Arrays
import HostSystem

/// The positions of a network's tiles in an image: overlapping tiles on a grid.
///
/// An image smaller than the patch is padded with zeros around its centre, the odd voxel above.
/// Positions follow nnU-Net v1 (`SegmentationNetwork._compute_steps_for_sliding_window`).
package struct SlidingWindow: Hashable, Sendable {
  /// The tile's size along each axis, voxels.
  package let patchSize: [Int]
  /// The image's size before padding, voxels.
  package let imageSize: [Int]
  /// The number of zeros added before index 0 along each axis.
  package let padding: [Int]
  /// The first index of the tiles along each axis, in the padded image, ascending.
  package let steps: [[Int]]

  /// More tiles are refused: even a small network would need days for them.
  package static let largestTileCount = 10_000_000

  /// Places the tiles.
  ///
  /// - Parameters:
  ///   - imageSize: The image's size, voxels.
  ///   - patchSize: The tile's size, voxels, one per axis of the image.
  ///   - stepSize: The largest distance between neighbouring tiles as a fraction of the patch, in
  ///     (0, 1].
  /// - Throws: ``InferenceError/stepSizeOutOfRange(_:)``, or
  ///   ``InferenceError/tooManyTiles(_:stepSize:image:patch:)`` above ``largestTileCount``.
  package init(
    imageSize: some Collection<Int>, patchSize: [Int], stepSize: Double = 0.5
  ) throws(InferenceError) {
    precondition(imageSize.count == patchSize.count && patchSize.allSatisfy { $0 > 0 })
    guard stepSize > 0, stepSize <= 1 else { throw .stepSizeOutOfRange(stepSize) }
    self.patchSize = patchSize
    self.imageSize = Array(imageSize)
    padding = zip(imageSize, patchSize).map { max($1 - $0, 0) / 2 }
    let counts = zip(imageSize, patchSize).map { image, patch in
      (Double(max(image - patch, 0)) / (Double(patch) * stepSize)).rounded(.up) + 1
    }
    let tiles = counts.reduce(1.0, *)
    guard tiles <= Double(Self.largestTileCount) else {
      throw .tooManyTiles(tiles, stepSize: stepSize, image: Array(imageSize), patch: patchSize)
    }
    steps = zip(zip(imageSize, patchSize), counts).map { sizes, count in
      let range = max(sizes.0 - sizes.1, 0)
      let count = Int(trusted: count)
      guard count > 1 else { return [0] }
      let step = Double(range) / Double(count - 1)
      return (0..<count).map { roundHalfEven(step * Double($0)) }
    }
  }

  /// The number of tiles.
  package var tileCount: Int { steps.map(\.count).trustedProduct }

  /// The first index of each tile in the image before padding, which may be negative.
  ///
  /// The last axis varies fastest.
  package var origins: [[Int]] {
    var origins: [[Int]] = [[]]
    for (positions, padding) in zip(steps, padding) {
      origins = origins.flatMap { origin in positions.map { origin + [$0 - padding] } }
    }
    return origins
  }
}
