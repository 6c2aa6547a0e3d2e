public import Arrays

/// Samples a volume or image at affine positions; see ``SplineSampler`` to sample one several times.
///
/// - Parameters:
///   - volume: `(z, y, x)` or `(y, x)`.
///   - map: From voxels of the result to coordinates in the volume.
///   - outputShape: The shape of the result.
///   - order: The degree of the spline.
///   - outside: The value beyond the border voxels' centres.
public func sampleAffine(
  _ volume: DenseArray<Float>, map: AffineMap, outputShape: [Int],
  order: InterpolationOrder = .cubic, outside: Float = 0
) -> DenseArray<Float> {
  SplineSampler(volume, order: order).sample(map, outputShape: outputShape, outside: outside)
}

/// Samples a segmentation at affine positions, label by label.
///
/// A voxel takes a label where that label's mask, interpolated linearly, is at least 0.5, the
/// highest where two are; where no label is, and beyond the border voxels' centres, it is
/// `outside`. Equal to batchgenerators' `interpolate_img(is_seg=True, order=1)` with `outside` 0.
///
/// - Parameters:
///   - labels: `(z, y, x)` or `(y, x)`.
///   - map: From voxels of the result to coordinates in `labels`.
///   - outputShape: The shape of the result.
///   - outside: The label beyond the border and where no label reaches 0.5 within it.
public func sampleLabelsAffine(
  _ labels: DenseArray<Int16>, map: AffineMap, outputShape: [Int], outside: Int16 = 0
) -> DenseArray<Int16> {
  precondition(map.rank == labels.rank && outputShape.count == labels.rank)
  let (extent, output) = (asVolume(labels.shape), asVolume(outputShape))
  let kernel = AffineLabelKernel(map: map.asVolumeMap, extent: extent, outside: outside)
  return DenseArray(shape: outputShape) { result in
    labels.scalars.withUnsafeBufferPointer { source in
      for z in 0..<output[0] {
        for y in 0..<output[1] {
          kernel.run(
            source.baseAddress!, z, y, output[2],
            result.baseAddress! + (z &* output[1] &+ y) &* output[2])
        }
      }
    }
  }
}

/// ``sampleLabelsAffine(_:map:outputShape:outside:)`` for labels that are stored as whole floats.
public func sampleLabelsAffine(
  _ labels: DenseArray<Float>, map: AffineMap, outputShape: [Int], outside: Float = 0
) -> DenseArray<Float> {
  sampleLabelsAffine(
    labels.map { Int16($0) }, map: map, outputShape: outputShape, outside: Int16(outside)
  ).map { Float($0) }
}

/// Samples one line of labels.
private struct AffineLabelKernel {
  let map: AffineMap
  let extent: [Int]
  let outside: Int16
  private let last: SIMD3<Double>

  init(map: AffineMap, extent: [Int], outside: Int16) {
    self.map = map
    self.extent = extent
    self.outside = outside
    last = SIMD3(Double(extent[0] - 1), Double(extent[1] - 1), Double(extent[2] - 1))
  }

  func run(
    _ source: UnsafePointer<Int16>, _ z: Int, _ y: Int, _ count: Int,
    _ target: UnsafeMutablePointer<Int16>
  ) {
    let (start, step) = map.row(z, y)
    let (rowStride, sliceStride) = (extent[2], extent[1] &* extent[2])
    for x in 0..<count {
      let position = start + step * Double(x)
      guard
        position.x >= 0 && position.x <= last.x && position.y >= 0 && position.y <= last.y
          && position.z >= 0 && position.z <= last.z
      else {
        target[x] = outside
        continue
      }
      let floor = position.rounded(.down)
      // The neighbour behind the last voxel has no weight: any voxel will do for it.
      let right = floor.z < last.z ? 1 : 0
      let below = floor.y < last.y ? rowStride : 0
      let behind = floor.x < last.x ? sliceStride : 0
      let offset = Int(floor.x) &* sliceStride &+ Int(floor.y) &* rowStride &+ Int(floor.z)
      let corner = source + offset
      let far = corner + behind
      let label = corner[0]
      let difference =
        (label ^ corner[right]) | (label ^ corner[below]) | (label ^ corner[below &+ right])
        | (label ^ far[0]) | (label ^ far[right]) | (label ^ far[below])
        | (label ^ far[below &+ right])
      target[x] =
        difference == 0 ? label : vote(corner, far, below, right, fraction: position - floor)
    }
  }

  @inline(never)
  private func vote(
    _ near: UnsafePointer<Int16>, _ far: UnsafePointer<Int16>, _ below: Int, _ right: Int,
    fraction: SIMD3<Double>
  ) -> Int16 {
    let upper = SIMD3<Double>(repeating: 1) - fraction
    let lower = SIMD3<Double>(repeating: 1) - upper
    var vote = LabelVote()
    for (slice, alongZ) in [(near, upper.x), (far, lower.x)] {
      vote.add(slice[0], weight: alongZ * upper.y * upper.z)
      vote.add(slice[right], weight: alongZ * upper.y * lower.z)
      vote.add(slice[below], weight: alongZ * lower.y * upper.z)
      vote.add(slice[below &+ right], weight: alongZ * lower.y * lower.z)
    }
    return vote.winner(elsewhere: outside)
  }
}
