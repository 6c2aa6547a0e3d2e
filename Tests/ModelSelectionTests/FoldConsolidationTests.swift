import Evaluation
import Foundation
import HostSystem
import Imaging
import Plans
import TestSupport
import Testing

@testable import ModelSelection

@Suite struct FoldConsolidationTests {
  @Test func collectsAllFoldsAndDecides() throws {
    let model = try ValidatedModel(fixture: "postprocessing/joint")
    let summary = try model.consolidation(folds: [0, 1, 2]).run()
    #expect(summary.cases.count == 3)
    #expect(summary.means.keys.sorted() == [0, 1, 2])
    let postprocessing = try #require(try Postprocessing(inFolder: model.folder))
    #expect(postprocessing.groups == [.joint([1, 2]), .label(1)])
    #expect(postprocessing.rawFolder == "cv_niftis_raw")
    for folder in ["cv_niftis_raw", "cv_niftis_postprocessed", "gt_niftis"] {
      #expect(segmentationNames(in: model.folder.appending(path: folder)).count == 3)
    }
    for folder in ["cv_niftis_raw", "cv_niftis_postprocessed"] {
      let file = model.folder.appending(path: "\(folder)/summary.json")
      let cases = try JSONFile.read(SegmentationSummary.self, from: file).cases
      #expect(cases.map(\.prediction).allSatisfy { fileExists(URL(fileURLWithPath: $0)) })
      #expect(cases.allSatisfy { $0.prediction.hasPrefix("\(model.folder.path)/\(folder)/") })
    }
    let hidden = try FileManager.default.contentsOfDirectory(atPath: model.folder.path)
      .filter { $0.hasPrefix(".") }
    #expect(hidden == [])
  }

  @Test func namesFoldsAndCasesThatAreMissing() throws {
    let model = try ValidatedModel(fixture: "postprocessing/joint")
    #expect(throws: ModelSelectionError.self) { try model.consolidation(folds: [0, 7]).run() }
    let error = #expect(throws: ModelSelectionError.self) {
      try model.consolidation(folds: [0, 1]).run()
    }
    #expect(error == .casesNotPredicted(["case_2"], model: model.folder.path))
    var partial = model.consolidation(folds: [0, 1])
    partial.expectedCases = ["case_0", "case_1"]
    #expect(try partial.run().cases.count == 2)
    // What belongs together stays as it was when a consolidation fails.
    let decision = try Postprocessing(inFolder: model.folder)
    #expect(throws: ModelSelectionError.self) { try model.consolidation(folds: [9]).run() }
    #expect(try Postprocessing(inFolder: model.folder) == decision && decision != nil)
    // What was concluded from other predictions does not outlive them.
    try partial.run(determinesPostprocessing: false)
    #expect(try Postprocessing(inFolder: model.folder) == nil)
    #expect(!fileExists(model.folder.appending(path: "cv_niftis_postprocessed")))
  }
}

/// A model's folder with one validated case per fold, made from a fixture of predictions.
struct ValidatedModel {
  let folder: URL
  let references: URL

  init(fixture: String, in folder: URL? = nil) throws {
    let fixture = fixtureURL(fixture)
    let base = try temporaryFolder()
    self.folder = folder ?? base.appending(path: "model")
    references = base.appending(path: "gt_segmentations")
    try FileManager.default.copyItem(at: fixture.appending(path: "gt"), to: references)
    for fold in 0..<3 {
      let validation = self.folder.appending(path: "fold_\(fold)/validation_raw")
      try makeFolder(at: validation)
      let file = "case_\(fold).nii.gz"
      try FileManager.default.copyItem(
        at: fixture.appending(path: "raw/\(file)"), to: validation.appending(path: file))
      let cases = try evaluate(
        [
          SegmentationPair(
            reference: references.appending(path: file),
            prediction: validation.appending(path: file))
        ], labels: [0, 1, 2], threads: 1, reporter: SilentReporter())
      try JSONFile.write(
        SegmentationSummary(cases: cases), to: validation.appending(path: "summary.json"))
    }
  }

  func consolidation(folds: [Int]) -> FoldConsolidation {
    FoldConsolidation(model: folder, references: references, folds: folds, threads: 2)
  }
}
