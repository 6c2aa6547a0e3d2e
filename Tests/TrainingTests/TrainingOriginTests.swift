import Foundation
import HostSystem
import Inference
import JSON
import Plans
import TestSupport
import Testing
import TrainedModels

@testable import Training

/// Copies the latest checkpoint when the best one has been saved for the first time.
private final class SavedBest: Reporter, @unchecked Sendable {
  private let folder: FoldFolder
  private let destination: URL

  init(_ folder: FoldFolder, to destination: URL) {
    self.folder = folder
    self.destination = destination
  }

  func note(_ message: String) {
    guard message == "saved the best checkpoint so far", !fileExists(destination) else { return }
    try? FileManager.default.copyItem(at: folder.file(.latest), to: destination)
  }
  func warn(_ message: String) {}
  func advance(_ activity: String, completed: Int, of total: Int) {}
}

/// Trainings are bound to the plans and the split that made them.
@Suite(.serialized) struct TrainingOriginTests {
  private let task: TinyTask
  private let preprocessed: URL
  private let model: URL

  init() throws {
    task = try TinyTask()
    preprocessed = try task.workspace.preprocessedTask(TinyTask.name)
    model = try task.setup().modelFolder
  }

  private func session(
    _ fold: Int = 0, epochs: Int = 1, _ start: TrainingSession.Start = .fresh,
    validates: Bool = false
  ) throws -> TrainingSession {
    let setup = try task.setup(epochs: epochs, fold: fold)
    var session = TrainingSession(setup: setup)
    session.start = start
    session.postprocessesFold = false
    session.validation = validates ? FinalValidation(setup: setup, threads: 2) : nil
    return session
  }

  /// Plans the task again with other statistics, as new cases give them.
  private func changePlans() throws {
    let file = try task.workspace.plansFile(
      task: TinyTask.name, plans: "nnUNetPlansv2.1", configuration: .fullResolution)
    var plans = try JSONFile.read(ExperimentPlans.self, from: file)
    plans.fingerprint.sizes.append([20, 20, 20])
    plans.usesMaskForNormalization = [0: true]
    try JSONFile.write(plans, to: file)
  }

  private func write(_ splits: [DataSplit]) throws {
    try DataSplits(splits: splits).write(to: preprocessed.appending(path: DataSplits.fileName))
  }

  private func balls(_ numbers: Int...) -> [String] { numbers.map { "ball_\($0)" } }

  /// The names and contents of the files that folds share.
  private func shared() throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in ["plans.json", "network.json", "recipe.json"] {
      found[name] = try Data(contentsOf: model.appending(path: name))
    }
    return found
  }

  @Test func everyCheckpointHoldsFingerprints() throws {
    var run = try session(epochs: 3)
    run.setup.recipe.epochsPerCheckpoint = 1
    try run.run(reporter: SilentReporter())
    let folder = run.setup.foldFolder
    let expected = try TrainingOrigin(plans: run.setup.plans, split: run.setup.split).fingerprints
    for kind in FoldFolder.Checkpoint.allCases where folder.exists(kind) {
      #expect(try OriginFingerprints(ofCheckpoint: folder.file(kind)) == expected, "\(kind)")
    }
    let origin = try #require(try TrainingOrigin(inFold: folder.url, of: expected))
    #expect(origin.plans == run.setup.plans && origin.split == run.setup.split)
  }

  @Test(arguments: [0, 1])
  func otherPlansAreRefusedAndNothingSharedIsWritten(fold: Int) throws {
    try session().run(reporter: SilentReporter())
    let before = try shared()
    try changePlans()
    let error = try #require(throws: TrainingError.self) {
      try session(fold, epochs: 2, fold == 0 ? .resuming : .fresh).run(reporter: SilentReporter())
    }
    for fact in [
      "fold_0", "dataset_properties.all_sizes: a list of 6 is now a list of 7",
      "use_mask_for_norm.0: false is now true",
    ] {
      #expect(error.message.contains(fact), "\(error.message)")
    }
    #expect(error.hint?.contains("--accept-differences") == true)
    #expect(try shared() == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: model.path).contains("fold_1") == false)
    // The network still predicts as it did.
    let trained = try TrainedModel(folder: model, configuration: .fullResolution)
    let checkpoint = try trained.checkpoints(of: .numbers([0]), named: "model_final_checkpoint")
    try trained.checkOrigins(of: checkpoint, acceptsDifferences: false, reporter: SilentReporter())
  }

  @Test func acceptedDifferencesAreSaidAndPredictionKnowsThem() throws {
    try session().run(reporter: SilentReporter())
    try changePlans()
    var second = try session(1)
    second.acceptsDifferences = true
    let said = CollectingReporter()
    try second.run(reporter: said)
    #expect(said.warnings.contains { $0.contains("fold_0") && $0.contains("all_sizes") })

    let trained = try TrainedModel(folder: model, configuration: .fullResolution)
    let checkpoints = try trained.checkpoints(
      of: .allTrained, named: "model_final_checkpoint")
    let error = try #require(throws: TrainedModelError.self) {
      try trained.checkOrigins(
        of: checkpoints, acceptsDifferences: false, reporter: SilentReporter())
    }
    #expect(error.message.contains("fold_0") && !error.message.contains("fold_1"))
    let heard = CollectingReporter()
    try trained.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: heard)
    #expect(heard.warnings.count == 1 && heard.warnings[0].contains("all_sizes"))
  }

  @Test func planningAgainWithTheSameResultChangesNothing() throws {
    try session().run(reporter: SilentReporter())
    let file = try task.workspace.plansFile(
      task: TinyTask.name, plans: "nnUNetPlansv2.1", configuration: .fullResolution)
    let plans = try JSONFile.read(ExperimentPlans.self, from: file)
    try JSONFile.write(plans, to: file)
    try session(0, epochs: 2, .resuming).run(reporter: SilentReporter())
    // How segmentations are exported may be changed after the training.
    var exported = plans
    exported.exportParameters = .init(interpolationOrder: 0, interpolationOrderZ: 0)
    try JSONFile.write(exported, to: model.appending(path: "plans.json"))
    try session(0, epochs: 3, .resuming).run(reporter: SilentReporter())
    #expect(
      try JSONFile.read(ExperimentPlans.self, from: model.appending(path: "plans.json"))
        == exported)
  }

  @Test func anotherSplitIsRefusedAndTheLeakIsNamed() throws {
    try write([
      DataSplit(training: balls(2, 3, 4, 5), validation: balls(0, 1)),
      DataSplit(training: balls(0, 1, 4, 5), validation: balls(2, 3)),
    ])
    try session().run(reporter: SilentReporter())
    try write([
      DataSplit(training: balls(0, 1, 2, 3), validation: balls(4, 5)),
      DataSplit(training: balls(0, 1, 4, 5), validation: balls(2, 3)),
    ])
    for (fold, start) in [
      (0, TrainingSession.Start.resuming), (0, .validationOnly(.final)), (1, .fresh),
    ] {
      let error = try #require(throws: TrainingError.self) {
        try session(fold, epochs: 2, start).run(reporter: SilentReporter())
      }
      #expect(
        error.message.contains("were trained on and would now be validated: ball_4, ball_5"),
        "\(error.message)")
      #expect(
        error.message.contains("were validated and would now be trained on: ball_0, ball_1"))
    }
    // The order of a list is no difference.
    try write([
      DataSplit(training: balls(5, 4, 3, 2), validation: balls(1, 0)),
      DataSplit(training: balls(0, 1, 4, 5), validation: balls(2, 3)),
    ])
    try session(0, epochs: 2, .resuming).run(reporter: SilentReporter())
  }

  @Test func aRetrainedFoldKeepsNoCaseOfTheOldSplit() throws {
    try write([DataSplit(training: balls(2, 3, 4, 5), validation: balls(0, 1))])
    try session(validates: true).run(reporter: SilentReporter())
    try write([DataSplit(training: balls(0, 1, 2, 3), validation: balls(4, 5))])
    let folder = model.appending(path: "fold_0/validation_raw")
    // Without its validation, the folder of the network before must not be taken for the new one's.
    try session(0, .overwriting).run(reporter: SilentReporter())
    #expect(!fileExists(folder))
    // And a validation clears what is none of its cases.
    try makeFolder(at: folder)
    for name in ["ball_0.nii.gz", "ball_0.npz", "ball_0.json", "summary.json", "notes.txt"] {
      try Data("{}".utf8).write(to: folder.appending(path: name))
    }
    let processed = model.appending(path: "fold_0/validation_raw_postprocessed")
    try makeFolder(at: processed)
    try session(0, .validationOnly(.final), validates: true).run(reporter: SilentReporter())
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names == [
        "ball_4.nii.gz", "ball_5.nii.gz", "notes.txt", "summary.json", "validation_args.json",
      ])
    #expect(!fileExists(processed), "it was made of predictions that are replaced")
  }

  @Test func checkpointsOfEarlierVersionsGoOn() throws {
    try session().run(reporter: SilentReporter())
    let final = model.appending(path: "fold_0/model_final_checkpoint.safetensors")
    var old = try TrainingCheckpoint(contentsOf: final)
    old.state.origin = nil
    try old.write(to: final)
    let said = CollectingReporter()
    try session(0, epochs: 2, .resuming).run(reporter: said)
    #expect(said.notes.count { $0.contains("fold_0") && $0.contains("no fingerprint") } == 1)
    try old.write(to: final)
    let trained = try TrainedModel(folder: model, configuration: .fullResolution)
    let heard = CollectingReporter()
    try trained.checkOrigins(of: [final], acceptsDifferences: false, reporter: heard)
    #expect(heard.notes.count == 1 && heard.warnings.isEmpty)
    // Their plans are those of the model's folder.
    try changePlans()
    let before = try shared()
    #expect(throws: TrainingError.self) {
      try session(0, epochs: 3, .resuming).run(reporter: SilentReporter())
    }
    #expect(throws: TrainingError.self) { try session(1).run(reporter: SilentReporter()) }
    #expect(try shared() == before)
  }

  @Test func foldsOfOneModelHaveOneNetwork() throws {
    try session().run(reporter: SilentReporter())
    var other = try session(1)
    other.setup.recipe.network.baseFeatures = 6
    let before = try shared()
    let error = try #require(throws: TrainingError.self) {
      try other.run(reporter: SilentReporter())
    }
    #expect(error.message.contains("network other than") && error.message.contains("4 is now 6"))
    #expect(try shared() == before)
  }

  @Test func resultsOfThePythonProgramAreLeftAlone() throws {
    let fold = model.appending(path: "fold_0")
    try makeFolder(at: fold)
    try Data("theirs".utf8).write(to: fold.appending(path: "model_final_checkpoint.model"))
    for start in [
      TrainingSession.Start.fresh, .overwriting, .resuming, .resumingIfBegun,
      .validationOnly(.final),
    ] {
      #expect(
        throws: TrainingError.resultsOfV1(
          folder: fold.path, files: ["model_final_checkpoint.model"])
      ) { try session(0, start).run(reporter: SilentReporter()) }
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fold.path)
        == ["model_final_checkpoint.model"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: model.path) == ["fold_0"])
    #expect(!fileExists(preprocessed.appending(path: DataSplits.fileName)))
    // Nor is another fold trained beside it with plans that nobody can compare.
    let error = try #require(throws: TrainingError.self) {
      try session(1).run(reporter: SilentReporter())
    }
    #expect(error.message.contains("fold_0") && error.message.contains("plans.pkl is missing"))
  }

  @Test func theBestCheckpointIsMadeUpFor() throws {
    let setup = try task.setup(epochs: 8)
    let folder = setup.foldFolder
    try makeFolder(at: folder.url)
    // The latest checkpoint of an epoch that is the best, whose process dies before it writes that.
    let saved = try temporaryFolder().appending(path: "saved")
    var whole = try TrainingRun(setup)
    try whole.run(reportingTo: SavedBest(folder, to: saved))
    try #require(fileExists(saved), "no epoch was better than the first")
    let expected = try TrainingCheckpoint(contentsOf: saved)
    #expect(expected.state.progress.bestEpoch == expected.state.progress.epoch - 1)
    for remains in ["nothing", "an older one"] {
      for kind in FoldFolder.Checkpoint.allCases {
        try? FileManager.default.removeItem(at: folder.file(kind))
      }
      try expected.write(to: folder.file(.latest))
      if remains != "nothing" {
        var older = expected
        older.state.progress = TrainingProgress()
        try older.write(to: folder.file(.best))
      }
      var resumed = try TrainingRun(setup)
      try resumed.resume(reportingTo: SilentReporter())
      let said = CollectingReporter()
      try resumed.completeBestCheckpoint(reportingTo: said)
      let best = try TrainingCheckpoint(contentsOf: folder.file(.best))
      #expect(best.weights == expected.weights && best.state == expected.state, "\(remains)")
      #expect(said.notes.count == 1)
      // Once it is there, there is nothing to do.
      let again = CollectingReporter()
      try resumed.completeBestCheckpoint(reportingTo: again)
      #expect(again.notes.isEmpty && again.warnings.isEmpty)
    }
  }

  @Test func aRandomSplitAndUnusedCasesAreAnnounced() throws {
    try write([DataSplit(training: balls(0, 1, 2), validation: balls(3))])
    let said = CollectingReporter()
    try session(7).run(reporter: said)
    #expect(
      said.warnings.contains {
        $0.contains("Fold 7") && $0.contains("has only 1 fold:") && $0.contains("random")
          && $0.contains("4 cases to train and 2 to validate")
      })
    #expect(
      said.warnings.contains {
        $0.contains("2 prepared cases are in no fold") && $0.contains("ball_4, ball_5")
      })
  }
}
