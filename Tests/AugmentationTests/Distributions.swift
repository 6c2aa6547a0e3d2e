import Testing

/// Expects a count to be within five standard deviations of its expectation.
func expectFrequency(
  _ count: Int, of total: Int, probability: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let expected = Double(total) * probability
  let deviation = (expected * (1 - probability)).squareRoot()
  #expect(
    abs(Double(count) - expected) <= 5 * deviation,
    "\(count) of \(total), expected \(expected) ± \(deviation)", sourceLocation: sourceLocation)
}

/// Expects values to be uniform in a range, by Pearson's chi-square statistic of ten bins.
///
/// Nine degrees of freedom exceed 33.7 once in 10,000 times; the generators are seeded.
func expectUniform(
  _ values: [Double], in range: ClosedRange<Double>,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.allSatisfy(range.contains), sourceLocation: sourceLocation)
  #expect(values.count >= 200, "too few values to judge", sourceLocation: sourceLocation)
  var bins = Array(repeating: 0.0, count: 10)
  for value in values {
    let position = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    bins[min(max(Int(position * 10), 0), 9)] += 1
  }
  let expected = Double(values.count) / 10
  let statistic = bins.map { ($0 - expected) * ($0 - expected) / expected }.reduce(0, +)
  #expect(statistic < 33.7, "chi-square \(statistic), bins \(bins)", sourceLocation: sourceLocation)
}
