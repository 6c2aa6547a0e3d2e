import Evaluation
import Foundation
import HostSystem
import Imaging
import JSON
import Plans
import TestSupport
import Testing
import TrainedModels

@testable import ModelSelection

@Suite struct BestConfigurationSearchTests {
  private static let task = "Task001_Test"

  private static let models = [Plans.Configuration.twoD, .fullResolution].map {
    ModelIdentity(configuration: $0, trainer: "nnUNetTrainerV2", plans: "nnUNetPlansv2.1")
  }

  private func workspace(in base: URL) -> Workspace {
    Workspace(
      rawDataBase: nil, preprocessed: base.appending(path: "pre"),
      results: base.appending(path: "results"))
  }

  @Test func ranksModelsAndSaysHowToPredict() throws {
    let base = try temporaryFolder()
    let (workspace, models) = (self.workspace(in: base), Self.models)
    for model in models {
      let made = try ValidatedModel(
        fixture: "postprocessing/joint",
        in: model.folder(in: workspace, task: Self.task))
      let references = try workspace.preprocessedTask(Self.task)
        .appending(path: "gt_segmentations")
      if !fileExists(references) {
        try makeFolder(at: references.deletingLastPathComponent())
        try FileManager.default.copyItem(at: made.references, to: references)
      }
    }
    // The second model predicts one case perfectly.
    let perfect = try models[1].folder(in: workspace, task: Self.task)
      .appending(path: "fold_1/validation_raw/case_1.nii.gz")
    let truth = fixtureURL("postprocessing/joint/gt/case_1.nii.gz")
    try AtomicFile.write(Data(contentsOf: truth), to: perfect)

    var search = BestConfigurationSearch(
      workspace: workspace, task: Self.task, models: models, folds: [0, 1, 2], threads: 2)
    let error = try #require(throws: ModelSelectionError.self) { try search.run() }
    #expect(error.message.contains("probabilities"))
    // A fold that is not trained is not reported as lacking probabilities.
    var more = search
    more.folds = [0, 1, 2, 3]
    let untrained = try #require(throws: ModelSelectionError.self) { try more.run() }
    #expect(untrained.message.contains("not trained") && untrained.message.contains("fold_3"))
    #expect(!untrained.message.contains("probabilities"))
    search.ensembles = false
    let ranking = try search.run()
    #expect(ranking.best.map(\.name) == ["3d_fullres"])
    #expect(ranking.sorted.map(\.name) == ["3d_fullres", "2d"])
    #expect(ranking.candidates[1].foldDice[1] == 1)
    #expect(ranking.candidates[0].foldDeviation > 0)
    #expect(ranking.comparison(of: ranking.candidates[0]).pairCount == 1)
    let folder = try search.summaryFolder
    let csv = try String(contentsOf: folder.appending(path: "summary.csv"), encoding: .utf8)
    #expect(csv.hasPrefix("model,class1,class2,average\n2d,0.9509,0.9462,0.9485\n3d_fullres,0."))
    let commands = try String(
      contentsOf: folder.appending(path: "prediction_commands.txt"), encoding: .utf8)
    #expect(
      commands
        == "nnUNet_predict -i FOLDER_WITH_TEST_CASES -o OUTPUT_FOLDER_MODEL1 -tr nnUNetTrainerV2 "
        + "-m 3d_fullres -p nnUNetPlansv2.1 -t Task001_Test -f 0 1 2\n")
    #expect(try Postprocessing(inFolder: models[0].folder(in: workspace, task: Self.task)) != nil)

    // A second search that fails halfway keeps the first one's results together.
    let choice = try #require(try ModelChoice(in: workspace, task: Self.task))
    let chosen = try models[1].folder(in: workspace, task: Self.task)
    #expect(choice.postprocesses)
    try choice.checkPostprocessing(in: workspace, task: Self.task)
    var second = search
    second.folds = [0, 1]
    second.postprocesses = false
    let broken = chosen.appending(path: "fold_1/validation_raw/case_1.nii.gz")
    let kept = try Data(contentsOf: broken)
    try Data("no image".utf8).write(to: broken)
    #expect(throws: (any Error).self) { try second.run() }
    #expect(try ModelChoice(in: workspace, task: Self.task) == choice)
    try choice.checkPostprocessing(in: workspace, task: Self.task)
    try kept.write(to: broken)
    let results = try FileManager.default.contentsOfDirectory(
      atPath: workspace.allResults().path)
    #expect(results.sorted() == ["2d", "3d_fullres", "ensembles"])
    // One that succeeds replaces them together.
    second.folds = [0, 1, 2]
    _ = try second.run()
    #expect(try ModelChoice(in: workspace, task: Self.task)?.postprocesses == false)
    #expect(try Postprocessing(inFolder: chosen) == nil)
    // If the files of a choice are deleted, a prediction reports it first.
    #expect(
      throws: ModelSelectionError.postprocessingMissing(
        file: chosen.appending(path: Postprocessing.fileName).path,
        selection: try ModelChoice.file(in: workspace, task: Self.task).path)
    ) { try choice.checkPostprocessing(in: workspace, task: Self.task) }
  }

  /// An ensemble's postprocessing is that of the trainings of its members.
  @Test func thePostprocessingOfAnEnsembleKnowsItsFolds() throws {
    let base = try temporaryFolder()
    let (workspace, members) = (self.workspace(in: base), Self.models)
    func fold(_ member: ModelIdentity) throws -> URL {
      try member.folder(in: workspace, task: Self.task).appending(path: "fold_0")
    }
    var decision = Postprocessing(groups: [])
    for member in members {
      try makeFolder(at: fold(member))
      try Data(member.name.utf8).write(
        to: fold(member).appending(path: "model_final_checkpoint.safetensors"))
      decision.foldMarks["\(member.name)/fold_0"] = try FoldMark.read(in: fold(member))
    }
    let choice = ModelChoice(
      members: members, folds: [0], dice: 1, ensemble: "ensemble", postprocesses: true)
    let file = try #require(try choice.ensemblePostprocessing(in: workspace, task: Self.task))
    try makeFolder(at: file.deletingLastPathComponent())
    try JSONFile.write(decision, to: file)
    try choice.checkPostprocessing(in: workspace, task: Self.task)
    try Data("another training".utf8).write(
      to: fold(members[1]).appending(path: "model_final_checkpoint.safetensors"))
    let stale = TrainedModelError.stalePostprocessing(
      file: file.path, folds: [try fold(members[1]).path])
    #expect(throws: stale) {
      try choice.checkPostprocessing(in: workspace, task: Self.task)
    }
    let heard = CollectingReporter()
    try choice.checkPostprocessing(
      in: workspace, task: Self.task, acceptsDifferences: true, reporter: heard)
    #expect(heard.warnings == [stale.message])
  }

  @Test func absentLabelsAndTiesDoNotDisturbTheRanking() {
    func candidate(_ network: Plans.Configuration, _ dice: [Double])
      -> ConfigurationRanking.Candidate
    {
      let labels = Dictionary(
        uniqueKeysWithValues: dice.enumerated().map { ($0 + 1, LabelScores(values: [.dice: $1])) })
      return .init(
        name: network.rawValue,
        members: [ModelIdentity(configuration: network, trainer: "t", plans: "p")],
        summary: SegmentationSummary(
          cases: [CaseScores(reference: "", prediction: "a/x.nii.gz", labels: labels)]),
        foldDice: [])
    }
    let ranking = ConfigurationRanking(candidates: [
      candidate(.twoD, [.nan, .nan]), candidate(.lowResolution, [0.5, .nan]),
      candidate(.fullResolution, [0.5, .nan]),
    ])
    #expect(ranking.best.map(\.name) == ["3d_lowres", "3d_fullres"])
    #expect(ranking.sorted.map(\.name) == ["3d_lowres", "3d_fullres", "2d"])
    #expect(ranking.csv.contains("2d,nan,nan,nan\n"))
    #expect(ranking.table.contains("equal"))
    #expect(ConfigurationRanking(candidates: [candidate(.twoD, [.nan])]).best.count == 1)
  }
}
