import HostSystem

/// The coordinates of one row of results, and the part of the row in the image.
struct RowSpan {
  /// The coordinates (z, y, x) of the row's first voxel; the fourth number is 0.
  let start: SIMD4<Double>
  /// The difference for a step along the row.
  let step: SIMD4<Double>
  /// The voxels with coordinates between the centres of the image's border voxels.
  let inside: Range<Int>

  /// - Parameters:
  ///   - start: The coordinates of the first voxel.
  ///   - step: The difference for a step along the row.
  ///   - last: The coordinates of the image's last voxel.
  ///   - count: The number of voxels in the row.
  init(start: SIMD4<Double>, step: SIMD4<Double>, last: SIMD4<Double>, count: Int) {
    self.start = start
    self.step = step
    func isInside(_ x: Int) -> Bool {
      let position = start + step * Double(x)
      return position.x >= 0 && position.x <= last.x && position.y >= 0
        && position.y <= last.y && position.z >= 0 && position.z <= last.z
    }
    var (low, high) = (0.0, Double(count - 1))
    for lane in 0..<3 where step[lane] != 0 {
      let (first, second) = (-start[lane] / step[lane], (last[lane] - start[lane]) / step[lane])
      low = max(low, min(first, second))
      high = min(high, max(first, second))
    }
    // The quotients may differ by a rounding error from the outermost voxel inside.
    var lower = max(Int(trusted: min(low, Double(count)).rounded(.up)) - 1, 0)
    var upper = min(Int(trusted: max(high, -1).rounded(.down)) + 2, count)
    while lower < upper && !isInside(lower) { lower += 1 }
    while lower < upper && !isInside(upper - 1) { upper -= 1 }
    inside = lower..<max(upper, lower)
  }

  /// The coordinates of a voxel of the row.
  @inline(__always)
  func position(_ x: Int) -> SIMD4<Double> { start + step * Double(x) }
}

/// The coordinates of the last voxel of a volume or image.
func lastVoxel(of imageSize: [Int]) -> SIMD4<Double> {
  var last = SIMD4<Double>.zero
  for (axis, extent) in imageSize.enumerated() {
    last[3 - imageSize.count + axis] = Double(extent - 1)
  }
  return last
}

/// Splits eight coordinates into whole numbers and fractions from 0 to 1.
///
/// Adding a large number rounds to the nearest whole one. A whole coordinate may become the number
/// below it and the fraction 1, which is the same place.
@inline(__always)
func split(_ position: SIMD8<Float>) -> (whole: SIMD8<Int32>, fraction: SIMD8<Float>) {
  let magic: Float = 0x1.8p23
  let shifted = (position - 0.5) + magic
  let whole =
    unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- Int32(bitPattern: magic.bitPattern)
  return (whole, position - (shifted - magic))
}

/// 0, 1, … 7.
let ramp = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7)
