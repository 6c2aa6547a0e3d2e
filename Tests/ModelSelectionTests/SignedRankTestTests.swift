import Foundation
import JSON
import TestSupport
import Testing

@testable import ModelSelection

@Suite struct SignedRankTestTests {
  private struct Sample: Decodable {
    var first: [Double]
    var second: [Double]
    var statistic: Double
    var p: Double
  }

  @Test func equalsScipy() throws {
    let samples = try JSONFile.read(
      [Sample].self, from: fixtureURL("statistics/wilcoxon.json"))
    #expect(samples.count == 7)
    for sample in samples {
      let test = SignedRankTest(sample.first, sample.second)
      expectClose([test.statistic], [sample.statistic], absolute: 1e-9)
      expectClose([test.pValue], [sample.p], absolute: 1e-12, relative: 1e-9)
    }
  }

  @Test func nothingToCompareHasNoProbability() {
    #expect(SignedRankTest([1, 2], [1, 2]).pValue.isNaN)
    #expect(SignedRankTest([], []).pValue.isNaN)
    #expect(SignedRankTest([1, .nan], [2, 3]).pairCount == 1)
  }
}
