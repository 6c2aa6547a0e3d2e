import HostSystem

/// Samples a segmentation at the coordinates of an affine map; 0 outside the image.
///
/// Every label's mask is interpolated linearly; a voxel gets the label whose mask reaches one half,
/// the highest if two do, and 0 if none does. Source: batchgenerators, `interpolate_img` with
/// `is_seg` and order 1.
///
/// - Parameters:
///   - labels: The labels of `window`: volumes, or images with equal coordinates, one after the
///     other.
///   - window: The available part of the image; its rank is that of the map.
///   - map: The coordinates of the result's voxels.
///   - imageSize: The extents of the image.
///   - size: The extents of the result.
///   - images: The number of volumes or images.
///   - result: The destination of the labels.
func sampleLabels(
  _ labels: UnsafePointer<Int16>, window: PatchWindow, map: AffineMap, imageSize: [Int],
  size: [Int], images: Int, into result: UnsafeMutablePointer<Int16>
) {
  let isVolume = size.count == 3
  let extents = isVolume ? window.size : [1] + window.size
  let origin = isVolume ? window.origin : [0] + window.origin
  let (depth, height, width) = (isVolume ? size[0] : 1, size[size.count - 2], size[size.count - 1])
  let last = lastVoxel(of: imageSize)
  let voxels = extents.trustedProduct
  for image in 0..<images {
    let source = labels + image * voxels
    let cells = LabelCells(source, size: extents, isVolume: isVolume)
    let grid = LabelGrid(labels: source, origin: origin, size: extents)
    cells.codes.withUnsafeBufferPointer { codes in
      for z in 0..<depth {
        for y in 0..<height {
          let span = RowSpan(
            start: map.coordinates(z: z, y: y, x: 0), step: map.steps.x, last: last, count: width)
          let target = result + ((image * depth + z) * height + y) * width
          target.initialize(repeating: 0, count: width)
          sampleRow(codes.baseAddress!, grid, span, into: target)
        }
      }
    }
  }
}

/// Labels of a part of an image.
struct LabelGrid {
  let labels: UnsafePointer<Int16>
  let origin: (z: Int, y: Int, x: Int)
  let size: (z: Int, y: Int, x: Int)

  init(labels: UnsafePointer<Int16>, origin: [Int], size: [Int]) {
    self.labels = labels
    self.origin = (origin[0], origin[1], origin[2])
    self.size = (size[0], size[1], size[2])
  }

  /// The label at coordinates between voxels.
  @inline(never)
  func label(at position: SIMD4<Double>) -> Int16 {
    let (z, y, x) = (
      Int(trusted: position.x), Int(trusted: position.y), Int(trusted: position.z)
    )
    let (cornerZ, cornerY, cornerX) = (z - origin.z, y - origin.y, x - origin.x)
    let corner = labels + (cornerZ * size.y + cornerY) * size.x + cornerX
    // Beyond the last voxel, the weight is 0, so any label will do.
    let right = cornerX + 1 < size.x ? 1 : 0
    let below = cornerY + 1 < size.y ? size.x : 0
    let behind = corner + (cornerZ + 1 < size.z ? size.x * size.y : 0)
    return vote(
      SIMD8(
        corner[0], corner[right], corner[below], corner[below + right],
        behind[0], behind[right], behind[below], behind[below + right]),
      position.x - Double(z), position.y - Double(y), position.z - Double(x))
  }
}

private func sampleRow(
  _ codes: UnsafePointer<Int16>, _ grid: LabelGrid, _ span: RowSpan,
  into target: UnsafeMutablePointer<Int16>
) {
  guard !span.inside.isEmpty else { return }
  let lower = span.inside.lowerBound
  let position = span.position(lower)
  let (z, y, x) = (
    Int(trusted: position.x), Int(trusted: position.y), Int(trusted: position.z)
  )
  let (baseZ, baseY, baseX) = (
    Float(position.x - Double(z)), Float(position.y - Double(y)), Float(position.z - Double(x))
  )
  let first =
    codes + ((z - grid.origin.z) * grid.size.y + y - grid.origin.y) * grid.size.x + x
    - grid.origin.x
  let (strideZ, strideY) = (Int32(grid.size.y * grid.size.x), Int32(grid.size.x))
  let step = SIMD4<Float>(Float(span.step.x), Float(span.step.y), Float(span.step.z), 0)
  for start in stride(from: 0, to: span.inside.count, by: 8) {
    let steps = ramp + Float(start)
    // Rounding may lead before the image's first voxel, but not beyond the last.
    let alongZ = atLeast(split(steps * step.x + baseZ).whole, Int32(-z))
    let alongY = atLeast(split(steps * step.y + baseY).whole, Int32(-y))
    let alongX = atLeast(split(steps * step.z + baseX).whole, Int32(-x))
    let offsets = alongZ &* strideZ &+ alongY &* strideY &+ alongX
    for lane in 0..<min(8, span.inside.count &- start) {
      let code = first[Int(offsets[lane])]
      let index = lower &+ start &+ lane
      target[index] = code != LabelCells.mixed ? code : grid.label(at: span.position(index))
    }
  }
}

/// The larger of each number and a bound.
@inline(__always)
private func atLeast(_ numbers: SIMD8<Int32>, _ bound: Int32) -> SIMD8<Int32> {
  let excess = numbers &- bound
  return numbers &- (excess & (excess &>> 31))
}

/// The highest label whose corners have a weight of at least one half; 0 if there is none.
private func vote(_ corners: SIMD8<Int16>, _ z: Double, _ y: Double, _ x: Double) -> Int16 {
  let (front, back) = ((1 - z) * (1 - y), (1 - z) * y)
  let (rearFront, rearBack) = (z * (1 - y), z * y)
  let weights = SIMD8<Double>(
    front * (1 - x), front * x, back * (1 - x), back * x,
    rearFront * (1 - x), rearFront * x, rearBack * (1 - x), rearBack * x)
  let (low, high) = (corners.min(), corners.max())
  var highSum = 0.0
  var lowSum = 0.0
  for corner in 0..<8 {
    highSum += corners[corner] == high ? weights[corner] : 0
    lowSum += corners[corner] == low ? weights[corner] : 0
  }
  if highSum >= 0.5 { return high }
  return voteOfMany(corners, weights, low: low, high: high) ?? (lowSum >= 0.5 ? low : 0)
}

/// The highest label between two others whose corners have a weight of at least one half.
private func voteOfMany(
  _ corners: SIMD8<Int16>, _ weights: SIMD8<Double>, low: Int16, high: Int16
) -> Int16? {
  var winner: Int16?
  for candidate in 0..<8 {
    let label = corners[candidate]
    guard label > (winner ?? low) && label < high else { continue }
    var sum = 0.0
    for corner in 0..<8 where corners[corner] == label { sum += weights[corner] }
    if sum >= 0.5 { winner = label }
  }
  return winner
}
