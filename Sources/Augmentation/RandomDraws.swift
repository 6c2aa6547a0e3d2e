import Arrays

extension RandomNumberGenerator {
  /// A factor around 1: half of the draws are uniform below it and half above.
  ///
  /// From a range that does not extend below 1, draws are uniform, from 1 upwards if it contains 1.
  /// Source: batchgenerators, `augment_contrast`, `augment_gamma`, `augment_spatial`.
  mutating func factorAroundOne(in range: ClosedRange<Double>) -> Double {
    if bernoulli(0.5) && range.lowerBound < 1 {
      return uniform(in: range.lowerBound...1)
    }
    return uniform(in: max(range.lowerBound, 1)...max(range.upperBound, 1))
  }

  /// One draw per channel; `nil` for channels that are not changed.
  mutating func perChannel<Value>(
    _ channels: Int, probability: Double, _ draw: (inout Self) -> Value
  ) -> [Value?] {
    (0..<channels).map { _ in bernoulli(probability) ? draw(&self) : nil }
  }
}
