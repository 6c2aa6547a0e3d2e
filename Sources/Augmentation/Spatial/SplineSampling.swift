/// Samples a spline at the coordinates of an affine map; 0 outside of the image.
///
/// - Parameters:
///   - spline: Coefficients around all coordinates that lie in the image.
///   - map: The coordinates of the result's voxels.
///   - imageSize: The extents of the image.
///   - size: The extents of the result.
///   - result: Where the voxels go, (z, y, x).
func sampleVolume(
  _ spline: SplineCoefficients, map: AffineMap, imageSize: [Int], size: [Int],
  into result: UnsafeMutablePointer<Float>
) {
  let last = lastVoxel(of: imageSize)
  let strides = (z: spline.size[1] * spline.size[2], y: spline.size[2])
  // Coefficients start one voxel below the coordinate.
  let first =
    (spline.origin[0] + 1) * strides.z + (spline.origin[1] + 1) * strides.y + spline.origin[2] + 1
  spline.values.withUnsafeBufferPointer { values in
    let base = values.baseAddress! - first
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        sampleRow(
          base, strideZ: strides.z, strideY: strides.y, start: map.coordinates(z: z, y: y, x: 0),
          step: map.steps.x, last: last, count: size[2],
          into: result + (z &* size[1] &+ y) &* size[2])
      }
    }
  }
}

/// Samples a stack of images, each a spline of its own, at the same in-plane coordinates.
///
/// As ``sampleVolume(_:map:imageSize:size:into:)``; the coefficients of all images are in one stack.
func sampleImages(
  _ spline: SplineCoefficients, map: AffineMap, imageSize: [Int], size: [Int],
  into result: UnsafeMutablePointer<Float>
) {
  let last = lastVoxel(of: imageSize)
  let plane = spline.size[1] * spline.size[2]
  let first = (spline.origin[1] + 1) * spline.size[2] + spline.origin[2] + 1
  spline.values.withUnsafeBufferPointer { values in
    let base = values.baseAddress! - first
    for y in 0..<size[0] {
      sampleRows(
        base, stride: spline.size[2], plane: plane, start: map.coordinates(z: 0, y: y, x: 0),
        step: map.steps.x, last: last, count: size[1], into: result + y &* size[1],
        resultPlane: size[0] &* size[1], planes: spline.size[0])
    }
  }
}

/// The coordinates of the last voxel of a volume or image.
func lastVoxel(of imageSize: [Int]) -> SIMD4<Double> {
  var last = SIMD4<Double>.zero
  for (axis, extent) in imageSize.enumerated() {
    last[3 - imageSize.count + axis] = Double(extent - 1)
  }
  return last
}

/// Whether coordinates lie between the first and the last voxel.
@inline(__always)
func isInside(_ coordinates: SIMD4<Double>, last: SIMD4<Double>) -> Bool {
  coordinates.x >= 0 && coordinates.x <= last.x && coordinates.y >= 0 && coordinates.y <= last.y
    && coordinates.z >= 0 && coordinates.z <= last.z
}

/// The weights of the four coefficients around a sample, `fraction` behind the second of them.
@inline(__always)
private func cubicWeights(_ fraction: Float) -> SIMD4<Float> {
  let t = SIMD4(repeating: fraction)
  let constant = SIMD4<Float>(1 / 6, 2 / 3, 1 / 6, 0)
  let linear = SIMD4<Float>(-0.5, 0, 0.5, 0)
  let square = SIMD4<Float>(0.5, -1, 0.5, 0)
  let cube = SIMD4<Float>(-1 / 6, 0.5, -0.5, 1 / 6)
  return constant.addingProduct(t, linear.addingProduct(t, square.addingProduct(t, cube)))
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
}

/// Four rows of an image, weighted.
@inline(__always)
private func weighted(
  _ pointer: UnsafePointer<Float>, _ stride: Int, _ weights: SIMD4<Float>
) -> SIMD4<Float> {
  let lower = (load(pointer) * weights.x)
    .addingProduct(load(pointer + stride), SIMD4(repeating: weights.y))
  let upper = (load(pointer + 2 &* stride) * weights.z)
    .addingProduct(load(pointer + 3 &* stride), SIMD4(repeating: weights.w))
  return lower + upper
}

private func sampleRow(
  _ base: UnsafePointer<Float>, strideZ: Int, strideY: Int, start: SIMD4<Double>,
  step: SIMD4<Double>, last: SIMD4<Double>, count: Int, into result: UnsafeMutablePointer<Float>
) {
  for x in 0..<count {
    let position = start + step * Double(x)
    guard isInside(position, last: last) else {
      result[x] = 0
      continue
    }
    let (z, y, column) = (Int(position.x), Int(position.y), Int(position.z))
    let weightsZ = cubicWeights(Float(position.x - Double(z)))
    let weightsY = cubicWeights(Float(position.y - Double(y)))
    let weightsX = cubicWeights(Float(position.z - Double(column)))
    let corner = base + (z &* strideZ &+ y &* strideY &+ column)
    let lower = (weighted(corner, strideY, weightsY) * weightsZ.x)
      .addingProduct(
        weighted(corner + strideZ, strideY, weightsY), SIMD4(repeating: weightsZ.y))
    let upper = (weighted(corner + 2 &* strideZ, strideY, weightsY) * weightsZ.z)
      .addingProduct(
        weighted(corner + 3 &* strideZ, strideY, weightsY), SIMD4(repeating: weightsZ.w))
    let products = (lower + upper) * weightsX
    result[x] = (products.x + products.z) + (products.y + products.w)
  }
}

private func sampleRows(
  _ base: UnsafePointer<Float>, stride: Int, plane: Int, start: SIMD4<Double>,
  step: SIMD4<Double>, last: SIMD4<Double>, count: Int, into result: UnsafeMutablePointer<Float>,
  resultPlane: Int, planes: Int
) {
  for x in 0..<count {
    let position = start + step * Double(x)
    guard isInside(position, last: last) else {
      for index in 0..<planes { result[index &* resultPlane &+ x] = 0 }
      continue
    }
    let (y, column) = (Int(position.y), Int(position.z))
    let weightsY = cubicWeights(Float(position.y - Double(y)))
    let weightsX = cubicWeights(Float(position.z - Double(column)))
    var corner = base + (y &* stride &+ column)
    var target = result + x
    for _ in 0..<planes {
      let products = weighted(corner, stride, weightsY) * weightsX
      target.pointee = (products.x + products.z) + (products.y + products.w)
      corner += plane
      target += resultPlane
    }
  }
}
