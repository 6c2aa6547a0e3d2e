import Arrays
import Foundation
import TestSupport
import Testing

@testable import Resampling

@Suite struct CaseResamplingTests {
  @Test(arguments: ResamplingFixture.manifest?.cases ?? [])
  func equalsNNUNet(_ entry: ResamplingManifest.Case) throws {
    let fixture = try ResamplingFixture.load()
    let along = try InterpolationOrder(entry.orderAlongZ)
    let data = try resampleData(
      try fixture.array("data"), originalSpacing: entry.original, targetSpacing: entry.target,
      rule: ResamplingRule(
        order: .cubic, orderAlongSeparateAxis: along, separatesThickAxis: entry.forced),
      threads: 2)
    let expected = try fixture.array("case_\(entry.tag)_data")
    #expect(data.shape == expected.shape)
    expectClose(data.scalars, expected.scalars, absolute: 2e-5)
    let labels = try resampleLabels(
      try fixture.labels("segmentation"), originalSpacing: entry.original,
      targetSpacing: entry.target,
      rule: ResamplingRule(
        order: .linear, orderAlongSeparateAxis: along, separatesThickAxis: entry.forced),
      threads: 2)
    #expect(try labels == fixture.labels("case_\(entry.tag)_labels"))
  }

  @Test func cubicAlongTheThickAxis() throws {
    let fixture = try ResamplingFixture.load()
    let data = resampleProbabilities(
      try fixture.array("data"), to: [9, 15, 11], originalSpacing: [4, 1, 1],
      currentSpacing: [4, 1, 1],
      rule: ResamplingRule(order: .cubic, orderAlongSeparateAxis: .cubic))
    expectClose(
      data.scalars, try fixture.array("case_cubic_z_data").scalars, absolute: 5e-5)
  }

  @Test func nearestInAllAxes() throws {
    let data = try ResamplingFixture.load().array("data")
    let rule = ResamplingRule(order: .nearest)
    let result = try resampleData(
      data, originalSpacing: [1, 1, 1], targetSpacing: [2, 2, 2], rule: rule)
    #expect(result.slice(1) == resizeToNearest(data.slice(1), to: [3, 6, 5]))
    let slices = try resampleData(
      data, originalSpacing: [4, 1, 1], targetSpacing: [2, 2, 2], rule: rule)
    #expect(slices.shape == [2, 12, 6, 5])
    #expect(slices.slice(0).slice(1) == resizeToNearest(data.slice(0).slice(0), to: [6, 5]))
  }

  // MARK: - The golden numbers of the reference data

  private struct Golden: Decodable {
    struct Arguments: Decodable {
      var forceSeparateZ: Bool?
      var orderZData: Int?
      var orderZSeg: Int?
    }
    var tag: String
    var originalSpacing: [Double]
    var targetSpacing: [Double]
    var kwargs: Arguments
  }

  @Test(.enabled(if: sharedURL("golden/numerics") != nil, "\(sharedDataIsAbsent)"))
  func equalsGoldenNumbers() throws {
    let folder = try #require(sharedURL("golden/numerics"))
    func array(_ name: String) throws -> DenseArray<Float> {
      try NPYFile.readFloats(folder.appendingPathComponent("\(name).npy"))
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let entries = try decoder.decode(
      [Golden].self, from: Data(contentsOf: folder.appendingPathComponent("b_manifest.json")))
    #expect(entries.count == 8)
    for entry in entries {
      let forced = entry.kwargs.forceSeparateZ
      let data = try resampleData(
        array("b_data"), originalSpacing: entry.originalSpacing,
        targetSpacing: entry.targetSpacing,
        rule: ResamplingRule(
          order: .cubic,
          orderAlongSeparateAxis: try InterpolationOrder(entry.kwargs.orderZData ?? 0),
          separatesThickAxis: forced))
      let expected = try array("b_\(entry.tag)_data")
      #expect(data.shape == expected.shape, "\(entry.tag)")
      expectClose(data.scalars, expected.scalars, absolute: 1e-4, "\(entry.tag)")
      let labels = try resampleLabels(
        array("b_seg").map { Int16($0) }, originalSpacing: entry.originalSpacing,
        targetSpacing: entry.targetSpacing,
        rule: ResamplingRule(
          order: .linear,
          orderAlongSeparateAxis: try InterpolationOrder(entry.kwargs.orderZSeg ?? 0),
          separatesThickAxis: forced))
      #expect(try labels == array("b_\(entry.tag)_seg").map { Int16($0) }, "\(entry.tag)")
    }
    let probabilities = try array("b_softmax")
    let together = resampleProbabilities(
      probabilities, to: [20, 60, 37], originalSpacing: [1, 1, 1], currentSpacing: [1, 1, 1])
    expectClose(
      together.scalars, try array("b_softmax_order1_20x60x37").scalars, absolute: 1e-6)
    let separate = resampleProbabilities(
      probabilities, to: [20, 60, 37], originalSpacing: [4, 1, 1], currentSpacing: [1, 1, 1])
    expectClose(
      separate.scalars, try array("b_softmax_order1_sepz0_20x60x37").scalars, absolute: 1e-6)
  }
}
