import Arrays
import Foundation
import Imaging
import JSON
import TestSupport
import Testing

@testable import Evaluation

@Suite struct ConfusionCountsTests {
  @Test func metricsEqualNNUNet() throws {
    let overlap = try fixtureOverlap()
    let expected = try JSONFile.read(
      [String: LabelScores].self, from: fixtureURL("evaluation/metrics_all.json"))
    #expect(expected.count == 4)
    for (label, scores) in expected {
      let counts = overlap.counts(of: try #require(Int(label)))
      for metric in Metric.allCases where !metric.isDistance {
        let value = try #require(scores.values[metric], "\(metric.rawValue)")
        expectClose([counts[metric]], [value], absolute: 1e-15, "\(label) \(metric.rawValue)")
        #expect(counts[metric].isNaN == value.isNaN)
      }
    }
  }

  @Test func emptyPredictionAndReferenceAreNotDefined() {
    let both = ConfusionCounts(
      truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 10)
    for metric in [Metric.dice, .jaccard, .precision, .recall, .falseDiscoveryRate] {
      #expect(both[metric].isNaN, "\(metric.rawValue)")
    }
    #expect(both[.accuracy] == 1)
    #expect(both[.trueNegativeRate] == 1)

    let missed = ConfusionCounts(
      truePositives: 0, falsePositives: 0, falseNegatives: 3, trueNegatives: 7)
    #expect(missed[.dice] == 0)
    #expect(missed[.recall] == 0)
    #expect(missed[.precision].isNaN)

    let invented = ConfusionCounts(
      truePositives: 0, falsePositives: 3, falseNegatives: 0, trueNegatives: 7)
    #expect(invented[.dice] == 0)
    #expect(invented[.precision] == 0)
    #expect(invented[.recall].isNaN)
  }

  @Test func fullPredictionAndReferenceAreNotDefined() {
    let full = ConfusionCounts(
      truePositives: 10, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
    for metric in [
      Metric.trueNegativeRate, .falsePositiveRate, .falseOmissionRate, .negativePredictiveValue,
    ] {
      #expect(full[metric].isNaN, "\(metric.rawValue)")
    }
    #expect(full[.dice] == 1)
  }

  @Test func overlapCountsEveryPairOfLabels() {
    // Lengths around the blocks of eight, runs and noise.
    for length in [0, 1, 7, 8, 9, 64, 1003] {
      var random = SystemRandomNumberGenerator()
      let reference = (0..<length).map { _ in UInt8.random(in: 0..<3, using: &random) }
      let prediction = (0..<length).map { UInt8(($0 / 20) % 4) }
      let overlap = LabelOverlap(
        reference: DenseArray(shape: [length], scalars: reference),
        prediction: DenseArray(shape: [length], scalars: prediction))
      for label in UInt8(0)..<5 {
        let pairs = zip(reference, prediction).map { ($0 == label, $1 == label) }
        let expected = ConfusionCounts(
          truePositives: pairs.count { $0 && $1 }, falsePositives: pairs.count { !$0 && $1 },
          falseNegatives: pairs.count { $0 && !$1 }, trueNegatives: pairs.count { !$0 && !$1 })
        #expect(overlap.counts(of: Int(label)) == expected)
      }
      #expect(overlap.labels == Set(reference + prediction).sorted().map(Int.init))
    }
  }

  @Test func groupCountsAsOneStructure() throws {
    let overlap = try fixtureOverlap()
    let group = overlap.counts(ofAnyOf: [1, 2])
    let (one, two) = (overlap.counts(of: 1), overlap.counts(of: 2))
    #expect(group[.totalPositivesTest] == one[.totalPositivesTest] + two[.totalPositivesTest])
    #expect(group.truePositives >= one.truePositives + two.truePositives)
    #expect(
      group.truePositives + group.falsePositives + group.falseNegatives + group.trueNegatives
        == one.truePositives + one.falsePositives + one.falseNegatives + one.trueNegatives)
  }

  private func fixtureOverlap() throws -> LabelOverlap {
    LabelOverlap(
      reference: try NIfTIFile.readLabels(at: fixtureURL("evaluation/reference.nii.gz")).labels,
      prediction: try NIfTIFile.readLabels(at: fixtureURL("evaluation/prediction.nii.gz")).labels)
  }
}
