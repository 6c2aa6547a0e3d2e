import Foundation
import JSON
import Plans
import TestSupport
import Testing

@testable import Planning

@Suite struct MemoryEstimateTests {
  private struct Golden: Decodable {
    var reference3D: Double
    var reference2D: Double
    var cases: [Case]

    enum CodingKeys: String, CodingKey {
      case cases
      case reference3D = "ref_3D"
      case reference2D = "ref_2D"
    }

    struct Case: Decodable {
      var patch: [Int]
      var poolCounts: [Int]
      var mod: Int
      var classes: Int
      var poolStrides: [[Int]]
      var base: Int
      var maxf: Int
      var vram: Int

      enum CodingKeys: String, CodingKey {
        case patch, mod, classes, base, maxf, vram
        case poolCounts = "num_pool"
        case poolStrides = "pool_kernels"
      }
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
        poolCounts: item.poolCounts, poolStrides: item.poolStrides, convolutionKernels: [],
        patchSize: item.patch)
      #expect(estimate(topology) == item.vram)
    }
    #expect(MemoryTarget.standard3D.valuesPerSample == golden.reference3D * 32 / 30)
    #expect(MemoryTarget.standard2D.valuesPerSample == golden.reference2D * 50 / 2)
  }
}
