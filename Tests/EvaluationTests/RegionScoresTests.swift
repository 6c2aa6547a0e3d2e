import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct RegionScoresTests {
  @Test func theTableEqualsThatOfVersion1() throws {
    let folder = try temporaryFolder()
    let reference = fixtureURL("evaluation/reference.nii.gz")
    for (name, source) in [("a", "prediction"), ("b", "reference")] {
      try FileManager.default.copyItem(
        at: fixtureURL("evaluation/\(source).nii.gz"),
        to: folder.appendingPathComponent("\(name).nii.gz"))
    }
    let pairs = ["a", "b"].map {
      SegmentationPair(
        reference: reference, prediction: folder.appendingPathComponent("\($0).nii.gz"))
    }
    let regions = [("whole", [1, 2, 3]), ("core", [2, 3]), ("rest", [3]), ("nothing", [9])]
    let scores = try evaluateRegions(
      pairs, regions: regions.map { EvaluatedRegion(name: $0, labels: $1) }, threads: 2)
    #expect(scores.means[3].isNaN)
    try scores.write(to: folder)
    let written = try String(
      contentsOf: folder.appendingPathComponent("summary.csv"), encoding: .utf8)
    #expect(
      try written
        == String(contentsOf: fixtureURL("evaluation/regions.csv"), encoding: .utf8))
  }

  @Test func casesThatCannotBeReadAreNamed() throws {
    let missing = try temporaryFolder().appendingPathComponent("a.nii.gz")
    let pair = SegmentationPair(
      reference: fixtureURL("evaluation/reference.nii.gz"), prediction: missing)
    #expect(throws: EvaluationError.self) {
      try evaluateRegions(
        [pair], regions: [EvaluatedRegion(name: "x", labels: [1])], threads: 1)
    }
  }
}
