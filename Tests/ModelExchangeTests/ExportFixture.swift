import Plans

/// The common parts of the plans that the tests export to nnU-Net v1 and v2.
enum ExportFixture {
  static let stage = StagePlan(
    batchSize: 2, poolCounts: [1, 1, 1], patchSize: [8, 8, 8], medianSize: [8, 9, 300],
    spacing: [2, 1.5, 1.5], originalSpacing: [2, 1.5, 1.5], usesDummy2DAugmentation: true,
    poolStrides: [[2, 2, 2]], convolutionKernels: [[1, 3, 3], [3, 3, 3]])

  /// The fingerprint of one case; channel 0 is CT.
  static func fingerprint(channels: [Int: String]) -> DatasetFingerprint {
    let statistics = IntensityStatistics(
      median: 1, mean: -0.1, standardDeviation: 0.3, minimum: -1e30, maximum: 70_000,
      percentile99p5: 5, percentile0p5: -5)
    return DatasetFingerprint(
      sizes: [[8, 8, 8]], spacings: [[2, 1, 1]], foregroundLabels: [1, 2],
      channelNames: channels, intensities: [0: statistics], sizeReductions: ["a": 0.7])
  }
}
