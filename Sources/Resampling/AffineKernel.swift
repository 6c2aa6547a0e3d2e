/// Samples one line of the result from padded coefficients; see ``SplineSampler``.
struct AffineKernel {
  private let map: AffineMap
  /// The last coordinate along each axis that is inside.
  private let last: SIMD3<Double>
  private let sliceStride: Int
  private let rowStride: Int
  /// The distance from the first padded coefficient to the first voxel.
  private let origin: Int
  private let outside: Float

  init(map: AffineMap, extent: [Int], paddedShape: [Int], outside: Float) {
    self.map = map
    last = SIMD3(Double(extent[0] - 1), Double(extent[1] - 1), Double(extent[2] - 1))
    rowStride = paddedShape[2]
    sliceStride = paddedShape[1] * paddedShape[2]
    let paddingInZ = paddedShape[0] > extent[0] ? 1 : 0
    origin = paddingInZ * sliceStride + rowStride + 1
    self.outside = outside
  }

  @inline(__always)
  private func isInside(_ position: SIMD3<Double>) -> Bool {
    let zero = SIMD3<Double>.zero
    return position.x >= zero.x && position.x <= last.x && position.y >= zero.y
      && position.y <= last.y && position.z >= zero.z && position.z <= last.z
  }

  /// The weights of the four coefficients around a sample.
  @inline(__always)
  private func weights(_ t: Float) -> SIMD4<Float> {
    let s = 1 - t
    let (sixth, third): (Float, Float) = (1 / 6, 2 / 3)
    return SIMD4(
      s * s * s * sixth, third + t * t * (0.5 * t - 1), third + s * s * (0.5 * s - 1),
      t * t * t * sixth)
  }

  @inline(__always)
  private func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
  }

  /// The sum of four rows of four coefficients, weighted along y, one lane per x.
  @inline(__always)
  private func plane(
    _ corner: UnsafePointer<Float>, _ weights: SIMD4<Float>
  ) -> SIMD4<Float> {
    let first = load(corner) * weights[0] + load(corner + rowStride) * weights[1]
    let second =
      load(corner + 2 &* rowStride) * weights[2] + load(corner + 3 &* rowStride) * weights[3]
    return first + second
  }

  /// Cubic samples of a volume.
  func cubic(
    _ source: UnsafePointer<Float>, _ z: Int, _ y: Int, _ count: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (start, step) = map.row(z, y)
    for x in 0..<count {
      let position = start + step * Double(x)
      guard isInside(position) else {
        target[x] = outside
        continue
      }
      let floor = position.rounded(.down)
      let fraction = SIMD3<Float>(position - floor)
      let offset = Int(floor.x) &* sliceStride &+ Int(floor.y) &* rowStride &+ Int(floor.z)
      let corner = source + (origin &+ offset &- sliceStride &- rowStride &- 1)
      let (alongZ, alongY) = (weights(fraction.x), weights(fraction.y))
      var sum = plane(corner, alongY) * alongZ[0]
      sum += plane(corner + sliceStride, alongY) * alongZ[1]
      sum += plane(corner + 2 &* sliceStride, alongY) * alongZ[2]
      sum += plane(corner + 3 &* sliceStride, alongY) * alongZ[3]
      target[x] = (sum * weights(fraction.z)).sum()
    }
  }

  /// Cubic samples of an image.
  func cubicInPlane(
    _ source: UnsafePointer<Float>, _ z: Int, _ y: Int, _ count: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (start, step) = map.row(z, y)
    for x in 0..<count {
      let position = start + step * Double(x)
      guard isInside(position) else {
        target[x] = outside
        continue
      }
      let floor = position.rounded(.down)
      let fraction = SIMD3<Float>(position - floor)
      let offset = Int(floor.y) &* rowStride &+ Int(floor.z)
      let corner = source + (origin &+ offset &- rowStride &- 1)
      target[x] = (plane(corner, weights(fraction.y)) * weights(fraction.z)).sum()
    }
  }

  /// Linear samples; an image is a volume whose second slice has no weight.
  func linear(
    _ source: UnsafePointer<Float>, _ z: Int, _ y: Int, _ count: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (start, step) = map.row(z, y)
    let nextSlice = last.x > 0 ? sliceStride : 0
    for x in 0..<count {
      let position = start + step * Double(x)
      guard isInside(position) else {
        target[x] = outside
        continue
      }
      let floor = position.rounded(.down)
      let t = SIMD3<Float>(position - floor)
      let offset = Int(floor.x) &* sliceStride &+ Int(floor.y) &* rowStride &+ Int(floor.z)
      let corner = source + (origin &+ offset)
      let near = bilinear(corner, t.y, t.z)
      target[x] = near + t.x * (bilinear(corner + nextSlice, t.y, t.z) - near)
    }
  }

  @inline(__always)
  private func bilinear(_ corner: UnsafePointer<Float>, _ y: Float, _ x: Float) -> Float {
    let upper = corner[0] + x * (corner[1] - corner[0])
    let lower = corner[rowStride] + x * (corner[rowStride &+ 1] - corner[rowStride])
    return upper + y * (lower - upper)
  }

  /// The nearest voxels, halves rounded up.
  func nearest(
    _ source: UnsafePointer<Float>, _ z: Int, _ y: Int, _ count: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (start, step) = map.row(z, y)
    for x in 0..<count {
      let position = start + step * Double(x)
      guard isInside(position) else {
        target[x] = outside
        continue
      }
      let voxel = (position + 0.5).rounded(.down)
      let offset = Int(voxel.x) &* sliceStride &+ Int(voxel.y) &* rowStride &+ Int(voxel.z)
      target[x] = source[origin &+ offset]
    }
  }
}
