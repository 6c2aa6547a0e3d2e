/// Cubic B-splines: the weights of a sample and the filter that turns voxels into coefficients.
///
/// Source: M. Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal
/// Processing Magazine 16(6), 1999. A spline through the values `x` has the coefficients
/// `6 · anticausal(causal(x))` with `causal: p[k] = x[k] + z p[k-1]` and
/// `anticausal: c[k] = z (c[k+1] - p[k])`, where `z = √3 - 2`.
///
/// The filters work on `lanes` neighbouring lines at once: row `k` of a block contains voxel `k` of
/// every line. They omit the factor ``gain``, which is included in the weights.
enum CubicSpline {
  static let pole = -0.267949192431122706472553658494127633
  static let gain = 6.0

  /// The weights of the four coefficients around a sample, `fraction` after the second of them.
  static func weights(at fraction: Double) -> [Double] {
    let t = fraction
    let s = 1 - t
    let second = (t * t * (t - 2) * 3 + 4) / 6
    let third = (s * s * (s - 2) * 3 + 4) / 6
    let first = s * s * s / 6
    return [first, second, third, 1 - first - second - third]
  }

  /// Filters a block whose lines continue endlessly with their border values.
  ///
  /// - Parameters:
  ///   - block: `length + 2 * AxisSampling.padding` rows; the voxels are in the middle ones. All
  ///     rows are coefficients afterwards.
  ///   - length: Voxels per line.
  ///   - lanes: Lines, the stride of the rows.
  static func prefilterWithEdge(
    _ block: UnsafeMutablePointer<Double>, length: Int, lanes: Int
  ) {
    let first = block + AxisSampling.padding * lanes
    let last = first + (length - 1) * lanes
    let (border, beyond) = (last + lanes, last + 2 * lanes)
    let constant = 1 / (1 - pole)
    for lane in 0..<lanes {
      border[lane] = last[lane] * constant
      first[lane] *= constant
      block[lane] = first[lane]
    }
    runCausal(first, length: length, lanes: lanes)
    // Beyond the border, p tends to `limit`, and the sum for c has a closed form.
    let decay = pole / (1 - pole * pole)
    for lane in 0..<lanes {
      let limit = border[lane]
      let excess = (last[lane] - limit) * decay
      let level = -pole * constant * limit
      last[lane] = level - excess
      border[lane] = level - excess * pole
      beyond[lane] = level - excess * pole * pole
    }
    runAnticausal(first, length: length, lanes: lanes)
    let before = first - lanes
    for lane in 0..<lanes {
      let start = block[lane]
      before[lane] = pole * (first[lane] - start)
      block[lane] = pole * (before[lane] - start)
    }
  }

  /// `p[k] = x[k] + z p[k-1]` in place; the first row is given.
  private static func runCausal(
    _ rows: UnsafeMutablePointer<Double>, length: Int, lanes: Int
  ) {
    for index in 1..<max(length, 1) {
      let row = rows + index &* lanes
      let previous = row - lanes
      for lane in 0..<lanes { row[lane] = row[lane].addingProduct(pole, previous[lane]) }
    }
  }

  /// `c[k] = z (c[k+1] - p[k])` in place; the last row is given.
  private static func runAnticausal(
    _ rows: UnsafeMutablePointer<Double>, length: Int, lanes: Int
  ) {
    for index in stride(from: length &- 2, through: 0, by: -1) {
      let row = rows + index &* lanes
      let next = row + lanes
      for lane in 0..<lanes { row[lane] = pole * (next[lane] - row[lane]) }
    }
  }
}
