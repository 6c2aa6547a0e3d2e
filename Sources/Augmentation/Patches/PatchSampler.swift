import Arrays

/// Decides where to cut the patches of a batch out of their cases.
///
/// The last elements of every batch are placed around a voxel of a random foreground class, so
/// that rare structures are seen often.
/// Source: nnU-Net, `DataLoader3D` and `DataLoader2D`.
package struct PatchSampler: Hashable, Sendable {
  /// The extents of the patch that is cut out, (z, y, x) or (y, x).
  package var initialPatchSize: [Int]
  /// The extents of the network's input; patches may extend beyond the image by half the
  /// difference.
  package var finalPatchSize: [Int]
  /// The number of patches per batch.
  package var batchSize: Int
  /// The fraction of patches that are placed around foreground.
  package var foregroundFraction: Double

  package init(
    initialPatchSize: [Int], finalPatchSize: [Int], batchSize: Int,
    foregroundFraction: Double = 0.33
  ) {
    precondition(
      initialPatchSize.count == finalPatchSize.count && (2...3).contains(finalPatchSize.count),
      "patches \(initialPatchSize) and \(finalPatchSize)")
    self.initialPatchSize = initialPatchSize
    self.finalPatchSize = finalPatchSize
    self.batchSize = batchSize
    self.foregroundFraction = foregroundFraction
  }

  /// Whether element `element` of a batch is placed around foreground.
  package func forcesForeground(element: Int) -> Bool {
    element >= roundHalfEven(Double(batchSize) * (1 - foregroundFraction))
  }

  /// The range along each axis from which origins of random patches are drawn.
  ///
  /// - Parameter imageSize: The extents of the image along the axes of the patch.
  /// - Returns: First voxels per axis; with negative ones, a patch begins before the image.
  package func originBounds(imageSize: [Int]) -> [ClosedRange<Int>] {
    initialPatchSize.indices.map { axis in
      let (patch, extent) = (initialPatchSize[axis], imageSize[axis])
      var margin = patch - finalPatchSize[axis]
      if margin + extent < patch { margin = patch - extent }
      // If a margin is odd, its larger half is before the image.
      return (-margin >> 1)...(extent + (margin + 1) / 2 - patch)
    }
  }

  /// Draws the place of one patch.
  ///
  /// - Parameters:
  ///   - element: The position in the batch, from 0; the last ones are placed around foreground.
  ///   - imageSize: The extents of the case (z, y, x).
  ///   - locations: The foreground locations of the case.
  ///   - generator: The source of randomness.
  /// - Returns: The place, which may reach beyond the image.
  package func location(
    element: Int, imageSize: [Int], locations: ForegroundVoxels,
    using generator: inout some RandomNumberGenerator
  ) -> PatchLocation {
    let forced = forcesForeground(element: element)
    var location =
      initialPatchSize.count == 3
      ? volumeLocation(forced, imageSize, locations, using: &generator)
      : sliceLocation(forced, imageSize, locations, using: &generator)
    location.lacksForeground = forced && location.foregroundClass == nil
    return location
  }

  private func volumeLocation(
    _ forced: Bool, _ imageSize: [Int], _ locations: ForegroundVoxels,
    using generator: inout some RandomNumberGenerator
  ) -> PatchLocation {
    let bounds = originBounds(imageSize: imageSize)
    let target = forced ? locations.drawVoxel(using: &generator) : nil
    return PatchLocation(
      origin: origin(around: target?.voxel, bounds, using: &generator), size: initialPatchSize,
      foregroundClass: target?.label)
  }

  private func sliceLocation(
    _ forced: Bool, _ imageSize: [Int], _ locations: ForegroundVoxels,
    using generator: inout some RandomNumberGenerator
  ) -> PatchLocation {
    let bounds = originBounds(imageSize: Array(imageSize.dropFirst()))
    let target = forced ? locations.drawVoxelBySlice(using: &generator) : nil
    let slice = target?.voxel[0] ?? generator.integer(in: 0..<imageSize[0])
    let voxel = target.map { Array($0.voxel.dropFirst()) }
    return PatchLocation(
      origin: [slice] + origin(around: voxel, bounds, using: &generator),
      size: [1] + initialPatchSize, foregroundClass: target?.label)
  }

  /// An origin that puts `voxel` in the middle of the patch, or a random one.
  ///
  /// Only at the lower end are patches around a voxel kept from extending too far.
  private func origin(
    around voxel: [Int]?, _ bounds: [ClosedRange<Int>],
    using generator: inout some RandomNumberGenerator
  ) -> [Int] {
    bounds.indices.map { axis in
      guard let voxel else { return generator.integer(in: bounds[axis]) }
      return max(bounds[axis].lowerBound, voxel[axis] - initialPatchSize[axis] / 2)
    }
  }
}
