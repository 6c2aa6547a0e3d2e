import Testing

@testable import Resampling

@Suite struct AnisotropyRuleTests {
  @Test(
    arguments: [
      ([4, 1, 1], [1, 1, 1], nil, 0), ([1, 1, 3], [1, 1, 1], nil, nil),
      ([2, 1, 1], [1, 5, 1], nil, 1), ([1, 4, 4], [1, 1, 1], nil, nil),
      ([2, 1, 1], [1, 1, 1], true, 0), ([1, 1, 1], [1, 1, 1], true, nil),
      ([9, 1, 1], [1, 1, 1], false, nil), ([1, 1, 3.0001], [1, 9, 1], nil, 2),
    ] as [([Double], [Double], Bool?, Int?)])
  func choosesTheThickAxis(
    _ spacing: [Double], _ target: [Double], _ forced: Bool?, _ expected: Int?
  ) {
    #expect(
      AnisotropyRule.separateAxis(spacing: spacing, target: target, forced: forced) == expected)
  }

  @Test func roundsHalvesToEven() throws {
    // 5 · 0.5 = 2.5 → 2, 7 · 0.5 = 3.5 → 4.
    let shape = try AnisotropyRule.resampledShape(
      [5, 7, 3], spacing: [1, 1, 1], target: [2, 2, 0.5])
    #expect(shape == [2, 4, 6])
  }

  @Test func refusesWhatCannotBeResampled() {
    #expect(
      throws: ResamplingError.vanishingAxis(
        shape: [1, 9, 9], spacing: [1, 1, 1], targetSpacing: [3, 1, 1])
    ) {
      try AnisotropyRule.resampledShape([1, 9, 9], spacing: [1, 1, 1], target: [3, 1, 1])
    }
    for spacing in [[0.0, 1, 1], [-1, 1, 1], [.nan, 1, 1], [.infinity, 1, 1]] {
      #expect(throws: ResamplingError.self) {
        try AnisotropyRule.resampledShape([4, 4, 4], spacing: spacing, target: [1, 1, 1])
      }
    }
  }

  @Test(arguments: [1e9, 1e6, 1e300, .greatestFiniteMagnitude])
  func impossibleSizesAreRefused(spacing: Double) {
    #expect(
      throws: ResamplingError.impossibleSize(
        shape: [20, 30, 40], spacing: [spacing, spacing, spacing], targetSpacing: [1, 1, 1])
    ) {
      try AnisotropyRule.resampledShape(
        [20, 30, 40], spacing: [spacing, spacing, spacing], target: [1, 1, 1])
    }
  }
}
