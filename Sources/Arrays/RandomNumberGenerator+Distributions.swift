import Foundation

extension RandomNumberGenerator {
  /// A uniform number in [0, 1) with 53 random bits.
  public mutating func unitUniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform number of `range`.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    min(range.lowerBound + (range.upperBound - range.lowerBound) * unitUniform(), range.upperBound)
  }

  /// True with probability `probability`.
  public mutating func bernoulli(_ probability: Double) -> Bool {
    unitUniform() < probability
  }

  /// An integer of `range`, all with equal probability.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// An integer of the half-open `range`, all with equal probability.
  ///
  /// - Precondition: `range` is not empty.
  public mutating func integer(in range: Range<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// A normally distributed number, by the Box-Muller transform.
  public mutating func gaussian(mean: Double = 0, standardDeviation: Double = 1) -> Double {
    // 1 - u is in (0, 1]: its logarithm is finite.
    let radius = (-2 * log(1 - unitUniform())).squareRoot()
    return mean + standardDeviation * radius * cos(2 * .pi * unitUniform())
  }
}
