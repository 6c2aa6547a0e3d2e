import Evaluation
import Foundation
import HostSystem
import Inference
import JSON
import ModelSelection
import Plans
import TestSupport
import Testing
import Training

@testable import TaskWorkflows

/// Steps derived from the existing files.
@Suite struct TaskRunTests {
  private static let task = "Task001_Test"
  private let workspace: Workspace

  init() throws {
    let base = try temporaryFolder()
    workspace = Workspace(
      rawDataBase: nil, preprocessed: base.appending(path: "pre"),
      results: base.appending(path: "results"))
  }

  private func run(_ configurations: [Plans.Configuration], folds: [Int]) -> TaskRun {
    var run = TaskRun(workspace: workspace, task: Self.task, folds: folds)
    run.configurations = configurations
    return run
  }

  private func prepare() throws {
    let folder = try workspace.preprocessedTask(Self.task)
    try makeFolder(at: folder)
    try PreparationMark(task: Self.task, plans: "nnUNetPlansv2.1", in: workspace).write()
  }

  private func touch(_ url: URL) throws {
    try makeFolder(at: url.deletingLastPathComponent())
    try Data().write(to: url)
  }

  private func fold(_ configuration: Plans.Configuration, _ fold: Int) throws -> URL {
    try run([], folds: []).model(configuration).folder(in: workspace, task: Self.task)
      .appending(path: "fold_\(fold)")
  }

  /// Writes the files of a training and its validation.
  private func finish(_ configuration: Plans.Configuration, _ number: Int, npz: Bool = true) throws
  {
    let folder = try fold(configuration, number)
    try touch(FoldFolder(folder).file(.final))
    let segmentation = folder.appending(path: "validation_raw/case_\(number).nii.gz")
    try touch(segmentation)
    if npz { try touch(folder.appending(path: "validation_raw/case_\(number).npz")) }
    // Files that were not validated do not count.
    try touch(folder.appending(path: "validation_raw/stranger.nii.gz"))
    let scores = CaseScores(reference: "", prediction: segmentation.path, labels: [:])
    try JSONFile.write(
      SegmentationSummary(cases: [scores]),
      to: folder.appending(path: "validation_raw/summary.json"))
  }

  @Test func preparesBeforeAllElse() throws {
    #expect(try run([.twoD], folds: [0]).missingSteps() == [.prepare])
    try prepare()
    #expect(
      try run([.twoD], folds: [0]).missingSteps()
        == [.train(.twoD, fold: 0, continues: false), .select])
    try PreparationMark(task: Self.task, plans: "nnUNetPlansv2.1", in: workspace).remove()
    #expect(try run([.twoD], folds: [0]).missingSteps() == [.prepare])
  }

  @Test func goesOnWithWhatWasInterrupted() throws {
    try prepare()
    try touch(FoldFolder(try fold(.twoD, 0)).file(.latest))
    try touch(FoldFolder(try fold(.twoD, 1)).file(.final))
    try finish(.fullResolution, 0)
    try finish(.fullResolution, 1, npz: false)
    var run = run([.fullResolution, .twoD], folds: [0, 1])
    #expect(
      try run.missingSteps() == [
        .train(.twoD, fold: 0, continues: true), .validate(.twoD, fold: 1),
        .validate(.fullResolution, fold: 1), .select,
      ])
    #expect(
      try run.missingValidations() == [
        .validate(.twoD, fold: 1), .validate(.fullResolution, fold: 1),
      ])
    run.ensembles = false
    #expect(try run.missingValidations() == [.validate(.twoD, fold: 1)])
  }

  @Test func tellsAValidationWithoutProbabilitiesFromNone() throws {
    try prepare()
    try touch(FoldFolder(try fold(.twoD, 0)).file(.final))
    try finish(.twoD, 1, npz: false)
    try finish(.twoD, 2)
    let run = run([.twoD], folds: [0, 1, 2])
    #expect(
      try (0..<3).map { try run.progress(of: .twoD, fold: $0) } == [
        .trained, .validatedWithoutProbabilities, .done,
      ])
  }

  @Test func foldsThatThePythonProgramTrainedAreTrained() throws {
    try prepare()
    try finish(.twoD, 0)
    let folder = FoldFolder(try fold(.twoD, 0))
    try FileManager.default.removeItem(at: folder.file(.final))
    try touch(folder.url.appending(path: "model_final_checkpoint.model"))
    try touch(try fold(.twoD, 1).appending(path: "model_latest.model"))
    let run = run([.twoD], folds: [0, 1])
    #expect(try run.progress(of: .twoD, fold: 0) == .done)
    #expect(
      try run.missingSteps() == [.train(.twoD, fold: 1, continues: false), .select])
  }

  @Test func aValidationOfAnotherSplitCountsAsNone() throws {
    try prepare()
    try finish(.twoD, 0)
    let file = try workspace.preprocessedTask(Self.task).appending(path: DataSplits.fileName)
    try JSONFile.write([DataSplit(training: ["x"], validation: ["case_0"])], to: file)
    #expect(try run([.twoD], folds: [0]).missingSteps() == [.select])
    try JSONFile.write([DataSplit(training: ["case_0"], validation: ["x"])], to: file)
    #expect(try run([.twoD], folds: [0]).missingSteps() == [.validate(.twoD, fold: 0), .select])
  }

  @Test func cascadeNeedsAllFoldsOfItsFirstNetwork() throws {
    try prepare()
    let splits = (0..<3).map { DataSplit(training: ["x"], validation: ["case_\($0)"]) }
    try JSONFile.write(
      splits, to: try workspace.preprocessedTask(Self.task).appending(path: DataSplits.fileName))
    let run = run([.cascade, .lowResolution], folds: [1])
    try finish(.lowResolution, 0)
    try finish(.lowResolution, 1)
    let store = NextStageStore(
      model: try run.model(.lowResolution).folder(in: workspace, task: Self.task))
    try touch(store.file("case_0"))
    #expect(
      try run.missingSteps() == [
        .validate(.lowResolution, fold: 1), .train(.lowResolution, fold: 2, continues: false),
        .train(.cascade, fold: 1, continues: false), .select,
      ])
  }

  @Test func choosesAnewWhenSomethingIsNewer() throws {
    try prepare()
    try finish(.twoD, 0)
    let run = run([.twoD], folds: [0])
    #expect(try run.missingSteps() == [.select])
    let choice = ModelChoice(
      members: [run.model(.twoD)], folds: [0], dice: 0.9, ensemble: nil, postprocesses: true,
      candidates: [run.model(.twoD)])
    let file = try ModelChoice.file(in: workspace, task: Self.task)
    try makeFolder(at: file.deletingLastPathComponent())
    try JSONFile.write(choice, to: file)
    #expect(try run.missingSteps().isEmpty)
    #expect(try self.run([.twoD], folds: [0, 1]).missingSteps().last == .select)
    let summary = try fold(.twoD, 0).appending(path: "validation_raw/summary.json")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 5)], ofItemAtPath: summary.path)
    #expect(try run.missingSteps() == [.select])
  }
}
