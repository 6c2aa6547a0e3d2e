import Arrays
import Foundation
import HostSystem
import Networks
import Plans
import TestSupport
import Testing
import Torch

@testable import Training

/// Copies the resumable checkpoint when a chosen epoch begins, as a crash would leave it.
private final class Snapshot: Reporter, @unchecked Sendable {
  private let source: URL
  private let destination: URL
  private let epoch: Int

  init(of source: URL, to destination: URL, atEpoch epoch: Int) {
    self.source = source
    self.destination = destination
    self.epoch = epoch
  }

  func note(_ message: String) {
    guard message.hasSuffix("epoch:  \(epoch)") else { return }
    try? FileManager.default.copyItem(at: source, to: destination)
  }
  func warn(_ message: String) {}
  func advance(_ activity: String, completed: Int, of total: Int) {}
}

@Suite(.serialized) struct TrainingRunTests {
  @Test func aResumedTrainingEqualsAnUninterruptedOne() throws {
    let task = try TinyTask()
    let setup = try task.setup(epochs: 4, epochsPerCheckpoint: 2)
    try makeFolder(at: setup.foldFolder.url)
    let saved = try temporaryFolder().appending(path: "saved")
    var whole = try TrainingRun(setup)
    try whole.run(
      reportingTo: Snapshot(of: setup.foldFolder.file(.latest), to: saved, atEpoch: 2))
    let expected = try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
    #expect(!setup.foldFolder.exists(.latest), "nothing is left to resume")

    for checkpoint in FoldFolder.Checkpoint.allCases where setup.foldFolder.exists(checkpoint) {
      try FileManager.default.removeItem(at: setup.foldFolder.file(checkpoint))
    }
    try FileManager.default.moveItem(at: saved, to: setup.foldFolder.file(.latest))
    // The seed of the checkpoint counts, not that of the call.
    var resumed = try TrainingRun(try task.setup(epochs: 4, epochsPerCheckpoint: 2, seed: 99))
    try resumed.resume(reportingTo: SilentReporter())
    #expect(resumed.progress.epoch == 2)
    try resumed.run(reportingTo: SilentReporter())
    let result = try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
    #expect(result.weights == expected.weights)
    #expect(result.momentum == expected.momentum)
    #expect(result.state == expected.state)
  }

  @Test func equalSeedsGiveEqualWeightsWhateverTheWorkers() throws {
    func weights(seed: UInt64, threads: Int) throws -> [NamedArray] {
      var setup = try TinyTask().setup(epochs: 1, seed: seed)
      setup.augmentationThreads = threads
      try makeFolder(at: setup.foldFolder.url)
      var run = try TrainingRun(setup)
      try run.run(reportingTo: SilentReporter())
      return try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final)).weights
    }
    let first = try weights(seed: 5, threads: 1)
    #expect(try weights(seed: 5, threads: 3) == first)
    #expect(try weights(seed: 6, threads: 1) != first)
  }

  @Test func aSessionTrainsAndValidates() throws {
    let setup = try TinyTask().setup()
    var session = TrainingSession(setup: setup)
    session.validation = FinalValidation(setup: setup, threads: 2)
    try session.run(reporter: SilentReporter())
    let folder = setup.foldFolder.validationFolder(named: "validation_raw")
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    #expect(names.isSuperset(of: setup.split.validation.map { "\($0).nii.gz" }))
    #expect(names.isSuperset(of: ["summary.json", "validation_args.json"]))
    #expect(
      FileManager.default.fileExists(atPath: setup.modelFolder.appending(path: "plans.json").path))
    let copies = try FileManager.default.contentsOfDirectory(
      atPath: setup.modelFolder.appending(path: "gt_niftis").path)
    #expect(Set(copies) == Set((0..<6).map { "ball_\($0).nii.gz" }), "all cases, not the fold's")
    let logs = try FileManager.default.contentsOfDirectory(atPath: setup.foldFolder.url.path)
      .filter { $0.hasPrefix("training_log_") }
    #expect(logs.count == 1)

    #expect(throws: TrainingError.alreadyTrained(folder: setup.foldFolder.url.path)) {
      try TrainingSession(setup: setup).run(reporter: SilentReporter())
    }
    session.start = .validationOnly(.final)
    try session.run(reporter: SilentReporter())
  }

  @Test func theLossFalls() throws {
    var setup = try TinyTask().setup(epochs: 4)
    setup.recipe.iterationsPerEpoch = 10
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    try run.run(reportingTo: SilentReporter())
    let losses = run.progress.trainingLosses
    #expect(losses[3] < losses[0] - 0.2, "\(losses)")
  }

  @Test func whatCannotBeResumedIsSaid() throws {
    let task = try TinyTask()
    let setup = try task.setup(epochs: 1)
    var run = try TrainingRun(setup)
    #expect(throws: TrainingError.noCheckpoint(folder: setup.foldFolder.url.path)) {
      try run.resume(reportingTo: SilentReporter())
    }
    var session = TrainingSession(setup: setup)
    session.start = .validationOnly(.final)
    #expect(
      throws: TrainingError.notFinished(expected: setup.foldFolder.file(.final).path)
    ) { try session.run(reporter: SilentReporter()) }
    try makeFolder(at: setup.foldFolder.url)
    try run.run(reportingTo: SilentReporter())
    var wider = setup
    wider.plans.baseFeatureCount = 8
    var other = try TrainingRun(wider)
    #expect(throws: TrainingError.self) { try other.resume(reportingTo: SilentReporter()) }
  }

  @Test func aDamagedCheckpointFallsBackToAnEarlierOne() throws {
    let setup = try TinyTask().setup(epochs: 2)
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    try run.run(reportingTo: SilentReporter())
    let final = setup.foldFolder.file(.final)
    try FileManager.default.copyItem(at: final, to: setup.foldFolder.file(.latest))
    let bytes = try Data(contentsOf: final)
    try bytes.prefix(bytes.count / 2).write(to: final)
    var resumed = try TrainingRun(setup)
    try resumed.resume(reportingTo: SilentReporter())
    #expect(resumed.progress.epoch == 2)
  }

  @Test func casesThatDoNotFitArePointedOut() throws {
    let task = try TinyTask()
    var setup = try task.setup()
    setup.split.training.append("ball_77")
    #expect(
      throws: TrainingError.missingCases(
        folder: setup.preparedFolder.path, identifiers: ["ball_77"])
    ) {
      var run = try TrainingRun(setup)
      try run.run(reportingTo: SilentReporter())
    }
    let error = #expect(throws: TrainingError.self) {
      _ = try TrainingRecipe.named("nnUNetTrainerV9")
    }
    #expect(error?.message.contains("nnUNetTrainerV9") == true)
    #expect(error?.hint?.hasPrefix("Did you mean nnUNetTrainerV2,") == true)
  }

  @Test func aWorkersFailureEndsTheRunWithItsOwnError() throws {
    let setup = try TinyTask().setup()
    try makeFolder(at: setup.foldFolder.url)
    for identifier in setup.split.training {
      let file = setup.preparedFolder.appending(path: "\(identifier).npy")
      var prepared = try NPYFile.read(file, as: Float.self)
      let voxels = prepared.count / 2
      for voxel in voxels..<2 * voxels { prepared.scalars[voxel] = 0.5 }
      try NPYFile.write(prepared, to: file)
    }
    var run = try TrainingRun(setup)
    let error = #expect(throws: TrainingError.self) {
      try run.run(reportingTo: SilentReporter())
    }
    guard case .damagedCase(let identifier, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(setup.split.training.contains(identifier) && reason.contains("0.5"))
  }

  @Test func stepsThatAreNotFiniteEndTheRun() throws {
    var setup = try TinyTask().setup(epochs: 1)
    setup.recipe.iterationsPerEpoch = TrainingStep.toleratedFailures + 1
    // A rate that is not finite spoils the weights with the first step.
    setup.recipe.schedule.initialRate = .infinity
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    #expect(throws: TrainingError.notFinite(steps: TrainingStep.toleratedFailures, epoch: 0)) {
      try run.run(reportingTo: SilentReporter())
    }
  }

  @Test func handlesAreGivenBack() throws {
    let setup = try TinyTask().setup(epochs: 1)
    try makeFolder(at: setup.foldFolder.url)
    let before = Tensor.liveCount
    func work() throws {
      var run = try TrainingRun(setup)
      try run.run(reportingTo: SilentReporter())
    }
    try work()
    #expect(Tensor.liveCount == before)
  }
}

@Suite struct TrainingProgressTests {
  /// v1: `update_eval_criterion_MA`, `manage_patience`.
  @Test func theFirstEpochOnlySetsTheMark() {
    var progress = TrainingProgress()
    func finish(_ dice: Double) -> Bool {
      progress.finishEpoch(trainingLoss: 0, validationLoss: 0.25, foregroundDice: dice)
    }
    #expect(!finish(0.5))
    #expect(!finish(0.5), "equal is not better")
    #expect(finish(0.6))
    #expect(abs((progress.averageDice ?? 0) - 0.51) < 1e-12)
    #expect(!finish(.nan), "without a Dice, -0.25 enters the average")
    #expect(abs((progress.averageDice ?? 0) - (0.9 * 0.51 - 0.025)) < 1e-12)
    #expect(progress.bestAverageDice == 0.51)
    #expect(progress.epoch == 4 && progress.foregroundDice.last == .some(nil))
  }
}

@Suite struct OnlineEvaluationTests {
  @Test func diceIsThatOfAllBatchesTogether() {
    var evaluation = OnlineEvaluation(classCount: 4)
    func add(_ prediction: [UInt8], _ target: [Int16]) {
      evaluation.add(
        prediction: DenseArray(shape: [prediction.count], scalars: prediction),
        target: DenseArray(shape: [target.count], scalars: target))
    }
    add([0, 1, 1, 2], [0, 1, 2, 2])
    add([1, 0], [1, 1])
    let dice = evaluation.foregroundDice
    #expect(dice[0] == 2 * 2.0 / (4 + 1 + 1))
    #expect(dice[1] == 2 * 1.0 / (2 + 0 + 1))
    #expect(dice[2].isNaN)
    #expect(OnlineEvaluation.mean(dice) == (dice[0] + dice[1]) / 2)
    #expect(OnlineEvaluation.mean([.nan]).isNaN)
  }
}

@Suite struct LossScalerTests {
  @Test func theScaleFollowsTheGradients() {
    var scaler = LossScaler(for: .float16)
    #expect(scaler.scale == 65536)
    scaler.update(gradientsAreFinite: false)
    #expect(scaler.scale == 32768)
    for _ in 0..<2000 { scaler.update(gradientsAreFinite: true) }
    #expect(scaler.scale == 65536)
    var constant = LossScaler(for: .bfloat16)
    constant.update(gradientsAreFinite: false)
    #expect(constant.scale == 1)
  }
}
