import Arrays
public import Plans

extension IntensityStatistics {
  /// The statistics of a sample, with the rounding of NumPy.
  ///
  /// All but the percentiles are computed in single precision. All are NaN for an empty sample.
  public init(of sample: [Float]) {
    guard !sample.isEmpty, !sample.contains(where: \.isNaN) else {
      self.init(
        median: .nan, mean: .nan, standardDeviation: .nan, minimum: .nan, maximum: .nan,
        percentile99p5: .nan, percentile0p5: .nan)
      return
    }
    // The order of addition decides the rounding, so these come before the sorting.
    let (mean, deviation) = sample.withUnsafeBufferPointer(pairwiseMeanAndDeviation)
    let sorted = sample.sorted()
    let middle = sorted.count / 2
    let median =
      sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    self.init(
      median: Double(median), mean: Double(mean), standardDeviation: Double(deviation),
      minimum: Double(sorted[0]), maximum: Double(sorted[sorted.count - 1]),
      percentile99p5: percentile(sorted: sorted, 99.5),
      percentile0p5: percentile(sorted: sorted, 0.5))
  }
}
