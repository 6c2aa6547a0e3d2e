import Foundation

extension RandomNumberGenerator {
  /// Fills `buffer` with normally distributed numbers, several times faster than one by one.
  ///
  /// Pairs of numbers by the Box-Muller transform (Box and Muller, 1958,
  /// doi:10.1214/aoms/1177706645) in single precision: tails reach 5.9 standard deviations.
  public mutating func fillWithGaussians(
    _ buffer: UnsafeMutableBufferPointer<Float>, mean: Float = 0, standardDeviation: Float = 1
  ) {
    guard let start = buffer.baseAddress else { return }
    var index = 0
    while index < buffer.count {
      let bits = next()
      // 25 bits for the radius, in (0, 1], and 24 bits for the angle.
      let unit = Float((bits >> 39) + 1) * 0x1p-25
      let angle = Float(bits & 0xFF_FFFF) * (2 * Float.pi * 0x1p-24)
      let radius = standardDeviation * (-2 * logf(unit)).squareRoot()
      start[index] = mean + radius * cosf(angle)
      if index + 1 < buffer.count { start[index + 1] = mean + radius * sinf(angle) }
      index += 2
    }
  }
}
