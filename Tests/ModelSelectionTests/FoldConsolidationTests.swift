import Evaluation
import Foundation
import HostSystem
import Imaging
import Inference
import JSON
import ModelExchange
import Networks
import Plans
import TestSupport
import Testing
import TrainedModels

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
    // Files that belong together do not change if a consolidation fails.
    let decision = try Postprocessing(inFolder: model.folder)
    #expect(throws: ModelSelectionError.self) { try model.consolidation(folds: [9]).run() }
    #expect(try Postprocessing(inFolder: model.folder) == decision && decision != nil)
    // Results from other predictions do not outlive them.
    try partial.run(determinesPostprocessing: false)
    #expect(try Postprocessing(inFolder: model.folder) == nil)
    #expect(!fileExists(model.folder.appending(path: "cv_niftis_postprocessed")))
  }
}

/// Only validations that belong together are combined.
@Suite struct FoldOriginTests {
  private let model: ValidatedModel

  init() throws { model = try ValidatedModel(fixture: "postprocessing/joint") }

  private func checkpoint(_ fold: Int, _ origin: OriginFingerprints?) throws {
    struct State: Encodable { var origin: OriginFingerprints? }
    let text = String(decoding: try JSONEncoder().encode(State(origin: origin)), as: UTF8.self)
    try SafetensorsFile(metadata: ["training": text], arrays: []).write(
      to: model.folder.appending(path: "fold_\(fold)/model_final_checkpoint.safetensors"))
  }

  private func split(_ validation: Int...) -> DataSplit {
    DataSplit(
      training: (0..<3).filter { !validation.contains($0) }.map { "case_\($0)" },
      validation: validation.map { "case_\($0)" })
  }

  private func consolidation(_ splits: [Int: DataSplit]) -> FoldConsolidation {
    var consolidation = model.consolidation(folds: Array(splits.keys.sorted()))
    consolidation.splits = splits
    consolidation.expectedCases = splits.values.flatMap(\.validation).sorted()
    return consolidation
  }

  @Test func filesThatNobodyValidatedAreLeftOut() throws {
    let stranger = model.folder.appending(path: "fold_0/validation_raw/case_2.nii.gz")
    try FileManager.default.copyItem(
      at: model.folder.appending(path: "fold_2/validation_raw/case_2.nii.gz"), to: stranger)
    let summary = try consolidation([0: split(0), 1: split(1)]).run()
    #expect(summary.cases.count == 2)
    #expect(
      segmentationNames(in: model.folder.appending(path: "cv_niftis_raw")) == [
        "case_0.nii.gz", "case_1.nii.gz",
      ])
  }

  @Test func casesOfAnotherSplitAreRefusedOrNamed() throws {
    var others = consolidation([0: split(0), 1: split(1, 2)])
    let error = try #require(throws: ModelSelectionError.self) { try others.run() }
    guard case .otherOrigin(_, let differences) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(differences.map(\.fold) == ["fold_1"])
    #expect(differences[0].problem.contains("not validated: case_2"))
    others.expectedCases = ["case_0", "case_1"]
    others.acceptsDifferences = true
    let heard = CollectingReporter()
    #expect(try others.run(reporter: heard).cases.count == 2)
    #expect(heard.warnings.contains { $0.contains("case_2") })
  }

  @Test func foldsOfOtherPlansOrSplitsAreRefused() throws {
    let mine = split(0).originFingerprint
    let plans = try JSONFile.read(ExperimentPlans.self, from: fixturePlans)
    try JSONFile.write(plans, to: model.folder.appending(path: "plans.json"))
    let current = try plans.originFingerprint
    try checkpoint(0, .init(plans: current, split: mine))
    _ = try consolidation([0: split(0)]).run()
    for (origin, problem) in [
      (OriginFingerprints(plans: "0", split: mine), "plans other than"),
      (OriginFingerprints(plans: current, split: "0"), "a split other than"),
    ] {
      try checkpoint(0, origin)
      let error = try #require(throws: ModelSelectionError.self) {
        try consolidation([0: split(0)]).run()
      }
      #expect(error.message.contains("fold_0") && error.message.contains(problem))
    }
    // Checkpoints of earlier versions say nothing.
    try checkpoint(0, nil)
    #expect(try consolidation([0: split(0)]).run().cases.count == 1)
  }

  /// The Python nnU-Net v1 keeps the plans of a training next to its checkpoint.
  @Test func foldsOfV1WithOtherPlansAreRefused() throws {
    let plans = try JSONFile.read(ExperimentPlans.self, from: fixturePlans)
    var others = plans
    others.usesMaskForNormalization[0]?.toggle()
    try V1Model.write(plans, to: model.folder.appending(path: V1Model.plansFile))
    func checkpoint(_ fold: Int, _ plans: ExperimentPlans) throws -> URL {
      let file = model.folder.appending(path: "fold_\(fold)/model_final_checkpoint.model")
      try V1Checkpoint(
        trainer: "nnUNetTrainerV2", plans: plans, configuration: .twoD, fold: fold, weights: []
      ).write(to: file)
      return file
    }
    let (_, second) = (try checkpoint(0, plans), try checkpoint(1, plans))
    let both = consolidation([0: split(0), 1: split(1)])
    #expect(try both.run().cases.count == 2)

    _ = try checkpoint(1, others)
    let before = try Data(contentsOf: model.folder.appending(path: "cv_niftis_raw/summary.json"))
    let error = try #require(throws: ModelSelectionError.self) { try both.run() }
    guard case .otherOrigin(_, let differences) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(differences.map(\.fold) == ["fold_1"])
    #expect(differences[0].problem.contains("use_mask_for_norm"), "\(differences)")
    #expect(
      try Data(contentsOf: model.folder.appending(path: "cv_niftis_raw/summary.json")) == before)
    var accepting = both
    accepting.acceptsDifferences = true
    let heard = CollectingReporter()
    try accepting.run(reporter: heard)
    #expect(heard.warnings.contains { $0.contains("fold_1") && $0.contains("plans other than") })
    // Without the file that v1 keeps next to a checkpoint, nothing can be compared.
    try FileManager.default.removeItem(at: second.appendingPathExtension("pkl"))
    #expect(try both.run().cases.count == 2)
  }

  /// The decision records the trainings that it was made with.
  @Test func thePostprocessingKeepsTheMarksOfItsFolds() throws {
    try checkpoint(0, .init(plans: "1", split: "1"))
    try checkpoint(1, .init(plans: "1", split: "2"))
    try consolidation([0: split(0), 1: split(1)]).runAccepting()
    let marks = try #require(try Postprocessing(inFolder: model.folder)).foldMarks
    #expect(marks.keys.sorted() == ["fold_0", "fold_1"])
    #expect(marks["fold_0"] == (try FoldMark.read(ofFold: 0, in: model.folder)))
    #expect(marks["fold_0"] != marks["fold_1"])
    let kept = marks.map { (model.folder.appending(path: $0.key), $0.value) }
    #expect(try FoldMark.changed(since: kept) == [])
    try checkpoint(1, .init(plans: "1", split: "3"))
    #expect(try FoldMark.changed(since: kept).map(\.lastPathComponent) == ["fold_1"])
  }

  @Test func aCaseOfTwoFoldsIsRefused() throws {
    let folder = model.folder.appending(path: "fold_1")
    try FileManager.default.removeItem(at: folder)
    try FileManager.default.copyItem(at: model.folder.appending(path: "fold_0"), to: folder)
    #expect(
      throws: ModelSelectionError.casesInSeveralFolds(["case_0"], model: model.folder.path)
    ) { try model.consolidation(folds: [0, 1, 2]).run() }
  }

  @Test func untrainedFoldsAreToldFromThoseNotValidated() throws {
    try checkpoint(0, nil)
    try FileManager.default.removeItem(at: model.folder.appending(path: "fold_0/validation_raw"))
    let error = try #require(throws: ModelSelectionError.self) {
      try model.consolidation(folds: [0, 1, 7]).run()
    }
    #expect(
      error
        == .foldsIncomplete(
          untrained: [model.folder.appending(path: "fold_7").path],
          unvalidated: [model.folder.appending(path: "fold_0/validation_raw").path]))
    #expect(error.message.contains("not trained") && error.hint?.contains("nnUNet_train") == true)
  }

  private var fixturePlans: URL { fixtureURL("plans/hippocampus_plans_2D.json") }
}

extension FoldConsolidation {
  fileprivate func runAccepting() throws {
    var consolidation = self
    consolidation.acceptsDifferences = true
    try consolidation.run()
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
