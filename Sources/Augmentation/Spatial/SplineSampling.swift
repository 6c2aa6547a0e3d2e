import HostSystem

/// Samples a spline at the coordinates of an affine map; 0 outside the image.
///
/// - Parameters:
///   - spline: Coefficients around all coordinates that lie in the image: of one volume, or of a
///     stack of images that are sampled at the same coordinates in their plane.
///   - map: The coordinates of the result's voxels.
///   - imageSize: The extents of the image, (z, y, x) or (y, x).
///   - size: The extents of the result, as many.
///   - result: Where the voxels go; stacked images follow each other.
func sampleSpline(
  _ spline: SplineCoefficients, map: AffineMap, imageSize: [Int], size: [Int],
  into result: UnsafeMutablePointer<Float>
) {
  let isVolume = size.count == 3
  let last = lastVoxel(of: imageSize)
  let (depth, height, width) = (isVolume ? size[0] : 1, size[size.count - 2], size[size.count - 1])
  let images = isVolume ? 1 : spline.size[0]
  let (strideZ, strideY) = (spline.size[1] * spline.size[2], spline.size[2])
  RowWeights.withScratch(count: width, strideZ: isVolume ? strideZ : 0, strideY: strideY) { row in
    spline.values.withUnsafeBufferPointer { values in
      for z in 0..<depth {
        for y in 0..<height {
          let span = RowSpan(
            start: map.coordinates(z: z, y: y, x: 0), step: map.steps.x, last: last, count: width)
          let first = row.prepare(span, origin: spline.origin, isVolume: isVolume)
          for image in 0..<images {
            let target = result + ((image * depth + z) * height + y) * width
            target.initialize(repeating: 0, count: width)
            let corner = values.baseAddress! + image * strideZ + first
            if isVolume {
              accumulateVolume(corner, row, strideZ: strideZ, strideY: strideY)
            } else {
              accumulateImage(corner, row, strideY: strideY)
            }
            addFours(row.products, into: target + span.inside.lowerBound, count: span.inside.count)
          }
        }
      }
    }
  }
}

/// What all channels share for the voxels of a row: the coefficients and their weights.
private struct RowWeights {
  /// Per block of eight voxels, four vectors of weights along z and four along y.
  let weights: UnsafeMutablePointer<Float>
  /// The distance beyond the second of four coefficients along x.
  let fractions: UnsafeMutablePointer<Float>
  /// The first of the coefficients, counted from those of the row's first voxel.
  let offsets: UnsafeMutablePointer<Int32>
  /// Per voxel, four numbers whose sum is the result.
  let products: UnsafeMutablePointer<Float>
  /// The number of current voxels.
  let count: UnsafeMutablePointer<Int>
  private let strideZ: Int32
  private let strideY: Int32

  static func withScratch(
    count: Int, strideZ: Int, strideY: Int, _ body: (RowWeights) -> Void
  ) {
    let padded = (count + 7) & ~7
    withUnsafeTemporaryAllocation(byteCount: padded * 56 + 8, alignment: 32) { bytes in
      let floats = bytes.baseAddress!.bindMemory(to: Float.self, capacity: padded * 13)
      let offsets = (bytes.baseAddress! + padded * 52).bindMemory(to: Int32.self, capacity: padded)
      let total = (bytes.baseAddress! + padded * 56).bindMemory(to: Int.self, capacity: 1)
      total.pointee = 0
      body(
        RowWeights(
          weights: floats, fractions: floats + padded * 12, offsets: offsets,
          products: floats + padded * 8, count: total, strideZ: Int32(strideZ),
          strideY: Int32(strideY)))
    }
  }

  /// Fills the buffers for the part of a row that lies in the image.
  ///
  /// - Returns: The position of the first coefficient of the first voxel.
  func prepare(_ span: RowSpan, origin: [Int], isVolume: Bool) -> Int {
    count.pointee = span.inside.count
    guard !span.inside.isEmpty else { return 0 }
    let position = span.position(span.inside.lowerBound)
    let (z, y, x) = (
      Int(trusted: position.x), Int(trusted: position.y), Int(trusted: position.z)
    )
    let (baseZ, baseY, baseX) = (
      Float(position.x - Double(z)), Float(position.y - Double(y)), Float(position.z - Double(x))
    )
    let step = SIMD4<Float>(Float(span.step.x), Float(span.step.y), Float(span.step.z), 0)
    for start in stride(from: 0, to: span.inside.count, by: 8) {
      let steps = ramp + Float(start)
      let alongZ = split(steps * step.x + baseZ)
      let alongY = split(steps * step.y + baseY)
      let alongX = split(steps * step.z + baseX)
      let offset = alongZ.whole &* strideZ &+ alongY.whole &* strideY &+ alongX.whole
      UnsafeMutableRawPointer(offsets + start).storeBytes(of: offset, as: SIMD8<Int32>.self)
      UnsafeMutableRawPointer(fractions + start)
        .storeBytes(of: alongX.fraction, as: SIMD8<Float>.self)
      storeWeights(alongZ.fraction, at: weights + start * 8)
      storeWeights(alongY.fraction, at: weights + start * 8 + 32)
    }
    // The first of the four coefficients is one before the voxel below the coordinate.
    let slice = isVolume ? z - 1 - origin[0] : 0
    return slice * Int(strideZ) + (y - 1 - origin[1]) * Int(strideY) + x - 1 - origin[2]
  }
}

/// Stores the weights of four coefficients, for eight samples each.
@inline(__always)
private func storeWeights(_ t: SIMD8<Float>, at target: UnsafeMutablePointer<Float>) {
  let sixth: Float = 1 / 6
  let s = 1 - t
  let raw = UnsafeMutableRawPointer(target)
  raw.storeBytes(of: s * s * s * sixth, as: SIMD8<Float>.self)
  raw.storeBytes(
    of: t * t * (t * 0.5 - 1) + Float(2) / 3, toByteOffset: 32, as: SIMD8<Float>.self)
  raw.storeBytes(
    of: s * s * (s * 0.5 - 1) + Float(2) / 3, toByteOffset: 64, as: SIMD8<Float>.self)
  raw.storeBytes(of: t * t * t * sixth, toByteOffset: 96, as: SIMD8<Float>.self)
}

/// The weights of the four coefficients around one sample.
@inline(__always)
func cubicWeights(_ fraction: Float) -> SIMD4<Float> {
  let t = SIMD4(repeating: fraction)
  let constant = SIMD4<Float>(1 / 6, 2 / 3, 1 / 6, 0)
  let linear = SIMD4<Float>(-0.5, 0, 0.5, 0)
  let square = SIMD4<Float>(0.5, -1, 0.5, 0)
  let cube = SIMD4<Float>(-1 / 6, 0.5, -0.5, 1 / 6)
  return constant.addingProduct(t, linear.addingProduct(t, square.addingProduct(t, cube)))
}

/// Four rows of four coefficients, weighted and added; the weights are eight numbers apart.
@inline(__always)
private func fourRows(
  _ corner: UnsafePointer<Float>, _ stride: Int, _ weights: UnsafePointer<Float>
) -> SIMD4<Float> {
  @inline(__always) func load(_ row: Int) -> SIMD4<Float> {
    UnsafeRawPointer(corner + row &* stride).loadUnaligned(as: SIMD4<Float>.self)
  }
  let lower = (load(0) * weights[0]).addingProduct(load(1), SIMD4(repeating: weights[8]))
  let upper = (load(2) * weights[16]).addingProduct(load(3), SIMD4(repeating: weights[24]))
  return lower + upper
}

private func accumulateVolume(
  _ first: UnsafePointer<Float>, _ row: RowWeights, strideZ: Int, strideY: Int
) {
  let products = UnsafeMutableRawPointer(row.products)
  for x in 0..<row.count.pointee {
    let weights = UnsafePointer(row.weights + ((x & ~7) &* 8 &+ (x & 7)))
    let corner = first + Int(row.offsets[x])
    var sum = fourRows(corner, strideY, weights + 32) * weights[0]
    sum = sum.addingProduct(
      fourRows(corner + strideZ, strideY, weights + 32), SIMD4(repeating: weights[8]))
    sum = sum.addingProduct(
      fourRows(corner + 2 &* strideZ, strideY, weights + 32), SIMD4(repeating: weights[16]))
    sum = sum.addingProduct(
      fourRows(corner + 3 &* strideZ, strideY, weights + 32), SIMD4(repeating: weights[24]))
    products.storeBytes(
      of: sum * cubicWeights(row.fractions[x]), toByteOffset: x &* 16, as: SIMD4<Float>.self)
  }
}

private func accumulateImage(_ first: UnsafePointer<Float>, _ row: RowWeights, strideY: Int) {
  let products = UnsafeMutableRawPointer(row.products)
  for x in 0..<row.count.pointee {
    let weights = UnsafePointer(row.weights + ((x & ~7) &* 8 &+ (x & 7)))
    let sum = fourRows(first + Int(row.offsets[x]), strideY, weights + 32)
    products.storeBytes(
      of: sum * cubicWeights(row.fractions[x]), toByteOffset: x &* 16, as: SIMD4<Float>.self)
  }
}

/// Adds up every four numbers.
private func addFours(
  _ products: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
) {
  let raw = UnsafeRawPointer(products)
  var x = 0
  while x &+ 4 <= count {
    let fours = raw.loadUnaligned(fromByteOffset: x &* 16, as: SIMD16<Float>.self)
    let twos = fours.evenHalf + fours.oddHalf
    UnsafeMutableRawPointer(target + x)
      .storeBytes(of: twos.evenHalf + twos.oddHalf, as: SIMD4<Float>.self)
    x &+= 4
  }
  while x < count {
    let start = products + 4 &* x
    target[x] = (start[0] + start[1]) + (start[2] + start[3])
    x &+= 1
  }
}
