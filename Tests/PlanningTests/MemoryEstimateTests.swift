import Foundation
import Plans
import TestSupport
import Testing

@testable import Planning

@Suite struct MemoryEstimateTests {
  private struct Golden: Decodable {
    var ref_3D: Double
    var ref_2D: Double
    var cases: [Case]

    struct Case: Decodable {
      var patch: [Int]
      var num_pool: [Int]
      var mod: Int
      var classes: Int
      var pool_kernels: [[Int]]
      var base: Int
      var maxf: Int
      var vram: Int
    }
  }

  @Test func equalsReference() throws {
    let golden = try JSONFile.read(Golden.self, from: fixtureURL("plans/memory.json"))
    #expect(golden.cases.count == 5)
    for item in golden.cases {
      let estimate = MemoryEstimate(
        baseFeatureCount: item.base, maximumFeatureCount: item.maxf, convolutionsPerStage: 2,
        channelCount: item.mod, outputCount: item.classes)
      let topology = NetworkTopology(
        poolCounts: item.num_pool, poolStrides: item.pool_kernels, convolutionKernels: [],
        patchSize: item.patch)
      #expect(estimate(topology) == item.vram)
    }
    #expect(MemoryTarget.standard3D.valuesPerSample == golden.ref_3D * 32 / 30)
    #expect(MemoryTarget.standard2D.valuesPerSample == golden.ref_2D * 50 / 2)
  }
}
