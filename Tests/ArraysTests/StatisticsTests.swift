import Arrays
import Foundation
import TestSupport
import Testing

@Suite struct StatisticsTests {
  struct Expected: Decodable {
    struct Sample: Decodable {
      var name: String
      var values: [Float]
      var percents: [Double]
      var doublePercentiles: [Double]
      var singlePercentiles: [Double]
      var doubleMedian: Double
      var singleMedian: Float

      enum CodingKeys: String, CodingKey {
        case name, values, percents
        case doublePercentiles = "percentiles_double"
        case singlePercentiles = "percentiles_single"
        case doubleMedian = "median_double"
        case singleMedian = "median_single"
      }
    }
    struct Sum: Decodable {
      var count: Int
      var sum: Float
      var mean: Float
      var std: Float
    }
    var samples: [Sample]
    var sums: [Sum]
  }

  private let expected: Expected

  init() throws {
    let data = try Data(contentsOf: fixtureURL("numpy/statistics.json"))
    expected = try JSONDecoder().decode(Expected.self, from: data)
  }

  @Test func percentilesAndMediansEqualNumPyExactly() {
    for sample in expected.samples {
      let doubles = sample.values.map { Double($0) }
      #expect(
        sample.percents.map { percentile(doubles, $0) } == sample.doublePercentiles,
        "\(sample.name)")
      #expect(
        sample.percents.map { percentile(sample.values, $0) } == sample.singlePercentiles,
        "\(sample.name)")
      #expect(median(doubles) == sample.doubleMedian)
      #expect(median(sample.values) == sample.singleMedian)
    }
  }

  @Test func notANumberSpreads() {
    #expect(percentile([1, .nan, 3] as [Double], 50).isNaN)
    #expect(median([1, .nan, 3] as [Float]).isNaN)
  }

  @Test func sumsMeansAndDeviationsEqualNumPyExactly() {
    for sum in expected.sums {
      let values = (0..<sum.count).map {
        Float((UInt64($0) * 2_654_435_761 % (1 << 32)) >> 8) / 1000
      }
      values.withUnsafeBufferPointer { buffer in
        #expect(pairwiseSum(buffer) == sum.sum, "\(sum.count) values")
        #expect(pairwiseMean(buffer) == sum.mean, "\(sum.count) values")
        let (mean, deviation) = pairwiseMeanAndDeviation(buffer)
        #expect(mean == sum.mean)
        #expect(deviation == sum.std, "\(sum.count) values")
      }
    }
  }

  @Test(arguments: [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (2.499, 2), (-2.51, -3)])
  func halvesRoundToTheEvenNeighbour(value: Double, rounded: Int) {
    #expect(roundHalfEven(value) == rounded)
  }
}
