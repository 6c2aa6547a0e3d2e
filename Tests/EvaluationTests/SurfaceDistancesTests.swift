import Arrays
import Foundation
import Imaging
import JSON
import Plans
import TestSupport
import Testing

@testable import Evaluation

@Suite struct SurfaceDistancesTests {
  /// A pair of structures and what scipy and medpy say about it; see the fixture's README.
  private struct Pair: Decodable {
    var shape: [Int]
    var spacing: [Double]
    var reference: String
    var prediction: String
    var surfaceDice: [String: Double]
    var values: [Metric: Double]

    private enum CodingKeys: String, CodingKey {
      case shape, spacing, reference, prediction
      case surfaceDice = "surface_dice"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      shape = try container.decode([Int].self, forKey: .shape)
      spacing = try container.decode([Double].self, forKey: .spacing)
      reference = try container.decode(String.self, forKey: .reference)
      prediction = try container.decode(String.self, forKey: .prediction)
      surfaceDice = try container.decode([String: Double].self, forKey: .surfaceDice)
      values = try LabelScores(from: decoder).values
    }

    func labels(_ digits: String) -> DenseArray<UInt8> {
      DenseArray(shape: shape, scalars: digits.utf8.map { $0 - UInt8(ascii: "0") })
    }
  }

  @Test func equalScipyAndMedpy() throws {
    let pairs = try JSONFile.read([Pair].self, from: fixtureURL("surfaces/distances.json"))
    #expect(pairs.count == 4)
    for pair in pairs {
      let distances = SurfaceDistances(
        of: 1, reference: pair.labels(pair.reference), prediction: pair.labels(pair.prediction),
        spacing: pair.spacing)
      #expect(pair.values.count == 4)
      for (metric, value) in pair.values {
        let own = distances.value(of: metric, tolerance: 1)
        expectClose([own], [value], absolute: 2e-6, "\(pair.shape) \(metric.rawValue)")
      }
      #expect(pair.surfaceDice.count == 4)
      for (tolerance, value) in pair.surfaceDice {
        let own = distances.value(
          of: .normalizedSurfaceDice, tolerance: try #require(Double(tolerance)))
        expectClose([own], [value], absolute: 1e-12, "\(pair.shape) at \(tolerance) mm")
      }
    }
  }

  @Test func equalNNUNetsAdvancedMetrics() throws {
    let reference = try NIfTIFile.readLabels(at: fixtureURL("evaluation/reference.nii.gz"))
    let prediction = try NIfTIFile.readLabels(at: fixtureURL("evaluation/prediction.nii.gz"))
    let expected = try JSONFile.read(
      [String: LabelScores].self, from: fixtureURL("evaluation/metrics_all.json"))
    #expect(expected.count == 4)
    for (label, scores) in expected {
      let distances = SurfaceDistances(
        of: try #require(UInt8(label)), reference: reference.labels,
        prediction: prediction.labels, spacing: reference.geometry.arraySpacing)
      for metric in Metric.distances where metric != .normalizedSurfaceDice {
        let value = try #require(scores.values[metric], "\(metric.rawValue)")
        let own = distances.value(of: metric, tolerance: 1)
        expectClose([own], [value], absolute: 2e-6, "\(label) \(metric.rawValue)")
        #expect(own.isNaN == value.isNaN)
      }
    }
  }

  @Test func equalASearchOverAllPairs() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let shape = (0..<3).map { _ in Int.random(in: 1...7, using: &random) }
      let spacing = (0..<3).map { _ in Double.random(in: 0.3...4, using: &random) }
      let count = shape.reduce(1, *)
      let zeros = (0..<count).map { _ in Int.random(in: 0..<6, using: &random) == 0 }
      var squares = zeros.map { $0 ? Float(0) : .infinity }
      var transform = DistanceTransform(shape: shape, spacing: spacing)
      transform.run(&squares, queries: Array(0..<count))
      for index in 0..<count {
        let nearest = zeros.indices.filter { zeros[$0] }.map { other in
          Self.squaredDistance(index, other, shape: shape, spacing: spacing)
        }.min()
        guard let nearest else {
          #expect(squares[index] == .infinity)
          continue
        }
        expectClose([Double(squares[index])], [nearest], absolute: 1e-5 * (1 + nearest))
      }
    }
  }

  @Test func emptyAndFullStructuresAreNotDefined() {
    let empty = DenseArray<UInt8>(shape: [2, 3, 4], filledWith: 0)
    let full = DenseArray<UInt8>(shape: [2, 3, 4], filledWith: 1)
    var point = empty
    point.scalars[5] = 1
    func value(_ metric: Metric, _ first: DenseArray<UInt8>, _ second: DenseArray<UInt8>) -> Double
    {
      SurfaceDistances(of: 1, reference: first, prediction: second, spacing: [1, 1, 1])
        .value(of: metric, tolerance: 1)
    }
    for (first, second) in [(empty, empty), (empty, point), (point, empty), (full, point)] {
      for metric in Metric.distances where metric != .normalizedSurfaceDice {
        #expect(value(metric, first, second).isNaN)
      }
    }
    #expect(value(.normalizedSurfaceDice, empty, empty).isNaN)
    #expect(value(.normalizedSurfaceDice, empty, point) == 0)
    #expect(value(.normalizedSurfaceDice, point, empty) == 0)
    #expect(value(.normalizedSurfaceDice, point, point) == 1)
    #expect(value(.hausdorffDistance, point, point) == 0)
  }

  private static func squaredDistance(
    _ first: Int, _ second: Int, shape: [Int], spacing: [Double]
  ) -> Double {
    func index(_ flat: Int) -> [Int] {
      [flat / (shape[1] * shape[2]), flat / shape[2] % shape[1], flat % shape[2]]
    }
    let (left, right) = (index(first), index(second))
    return (0..<3).reduce(0.0) { sum, axis in
      let step = Double(left[axis] - right[axis]) * spacing[axis]
      return sum + step * step
    }
  }
}
