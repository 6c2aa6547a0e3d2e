/// Samples a segmentation at the coordinates of an affine map; 0 outside of the image.
///
/// Every label's mask is interpolated linearly; a voxel takes the label whose mask reaches one
/// half, the highest when two do, and 0 when none does.
/// Source: batchgenerators, `interpolate_img` with `is_seg` and order 1.
///
/// - Parameters:
///   - labels: The labels of `window`: one volume, or a stack of images with equal coordinates.
///   - window: The part of the image that there is; its rank is that of the map.
///   - map: The coordinates of the result's voxels.
///   - imageSize: The extents of the image.
///   - size: The extents of the result.
///   - images: The number of images or volumes one behind the other.
///   - result: Where the labels go.
func sampleLabels(
  _ labels: UnsafePointer<Int16>, window: PatchWindow, map: AffineMap, imageSize: [Int],
  size: [Int], images: Int, into result: UnsafeMutablePointer<Int16>
) {
  let flat = size.count == 2
  let (windowSize, origin) =
    flat ? ([1] + window.size, [0] + window.origin) : (window.size, window.origin)
  let (output, image) = flat ? ([1] + size, [1] + imageSize) : (size, imageSize)
  let grid = LabelGrid(
    strideZ: image[0] > 1 ? windowSize[1] * windowSize[2] : 0,
    strideY: image[1] > 1 ? windowSize[2] : 0, strideX: image[2] > 1 ? 1 : 0,
    rowStride: windowSize[2], sliceStride: windowSize[1] * windowSize[2],
    image: (image[0], image[1], image[2]), last: lastVoxel(of: imageSize))
  let first = (origin[0] * windowSize[1] + origin[1]) * windowSize[2] + origin[2]
  let (inputCount, outputCount) = (windowSize.reduce(1, *), output.reduce(1, *))
  for index in 0..<images {
    let source = labels + index * inputCount - first
    for z in 0..<output[0] {
      for y in 0..<output[1] {
        sampleLabelRow(
          source, grid: grid, start: map.coordinates(z: z, y: y, x: 0), step: map.steps.x,
          count: output[2],
          into: result + index * outputCount + (z &* output[1] &+ y) &* output[2])
      }
    }
  }
}

/// Where the corners of a sample are in memory.
private struct LabelGrid {
  /// From one corner to the other; 0 along an axis of one voxel.
  let strideZ: Int
  let strideY: Int
  let strideX: Int
  let rowStride: Int
  let sliceStride: Int
  let image: (z: Int, y: Int, x: Int)
  let last: SIMD4<Double>
}

private func sampleLabelRow(
  _ base: UnsafePointer<Int16>, grid: LabelGrid, start: SIMD4<Double>, step: SIMD4<Double>,
  count: Int, into result: UnsafeMutablePointer<Int16>
) {
  for x in 0..<count {
    let position = start + step * Double(x)
    guard isInside(position, last: grid.last) else {
      result[x] = 0
      continue
    }
    // The last voxel is the upper corner of the last cell.
    let z = max(min(Int(position.x), grid.image.z &- 2), 0)
    let y = max(min(Int(position.y), grid.image.y &- 2), 0)
    let column = max(min(Int(position.z), grid.image.x &- 2), 0)
    let corner = base + (z &* grid.sliceStride &+ y &* grid.rowStride &+ column)
    let (right, below) = (grid.strideX, grid.strideY)
    let behind = corner + grid.strideZ
    let corners = SIMD8<Int16>(
      corner[0], corner[right], corner[below], corner[below &+ right],
      behind[0], behind[right], behind[below], behind[below &+ right])
    if corners == SIMD8(repeating: corners[0]) {
      result[x] = corners[0]
    } else {
      result[x] = vote(
        corners, position.x - Double(z), position.y - Double(y), position.z - Double(column))
    }
  }
}

/// The highest label whose corners weigh at least one half; 0 if there is none.
@inline(never)
private func vote(_ corners: SIMD8<Int16>, _ z: Double, _ y: Double, _ x: Double) -> Int16 {
  let (front, back) = ((1 - z) * (1 - y), (1 - z) * y)
  let (rearFront, rearBack) = (z * (1 - y), z * y)
  let weights = SIMD8<Double>(
    front * (1 - x), front * x, back * (1 - x), back * x,
    rearFront * (1 - x), rearFront * x, rearBack * (1 - x), rearBack * x)
  var winner: Int16?
  for candidate in 0..<8 where winner.map({ corners[candidate] > $0 }) ?? true {
    var sum = 0.0
    for corner in 0..<8 where corners[corner] == corners[candidate] { sum += weights[corner] }
    if sum >= 0.5 { winner = corners[candidate] }
  }
  return winner ?? 0
}
