import Arrays
import Foundation
import HostSystem
import Networks
import Plans
import TestSupport
import Testing
import Torch

@testable import Training

/// Makes a request after a number of batches.
private final class Wish: Reporter, @unchecked Sendable {
  private let request: TrainingInterruption.Request
  private let interruption: TrainingInterruption
  private let step: Int
  private(set) var warnings: [String] = []
  private var steps = 0

  init(_ request: TrainingInterruption.Request, of interruption: TrainingInterruption, at step: Int)
  {
    self.request = request
    self.interruption = interruption
    self.step = step
  }

  func note(_ message: String) {}
  func warn(_ message: String) { warnings.append(message) }
  func advance(_ activity: String, completed: Int, of total: Int) {
    steps += 1
    if steps == step { interruption.request(request) }
  }
}

@Suite(.serialized) struct CheckpointTests {
  /// An epoch has three training and two validation batches: 7 is within the second epoch's
  /// training, 9 within its validation, 10 at its end.
  @Test(arguments: [2, 7, 9, 10])
  func aTrainingThatWasStoppedAnywhereGoesOnExactly(step: Int) throws {
    let expected = try Self.wholeRun()
    let setup = try TinyTask().setup(epochs: 3, epochsPerCheckpoint: 2)
    try makeFolder(at: setup.foldFolder.url)
    let interruption = TrainingInterruption()
    var stopped = try TrainingRun(setup)
    stopped.interruption = interruption
    let wish = Wish(.stop(reason: "SIGTERM"), of: interruption, at: step)
    #expect(throws: TrainingError.self) { try stopped.run(reportingTo: wish) }
    #expect(!setup.foldFolder.exists(.final))

    var resumed = try TrainingRun(setup)
    try resumed.resume(reportingTo: SilentReporter())
    #expect(resumed.progress.epoch == (step - 1) / 5)
    try resumed.run(reportingTo: SilentReporter())
    let result = try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
    #expect(result.weights == expected.weights)
    #expect(result.momentum == expected.momentum)
    #expect(result.state == expected.state)
  }

  @Test func savingOnRequestChangesNothing() throws {
    let expected = try Self.wholeRun()
    let setup = try TinyTask().setup(epochs: 3, epochsPerCheckpoint: 2)
    try makeFolder(at: setup.foldFolder.url)
    let interruption = TrainingInterruption()
    var run = try TrainingRun(setup)
    run.interruption = interruption
    try run.run(reportingTo: Wish(.save(reason: "SIGUSR1"), of: interruption, at: 4))
    let result = try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
    #expect(result.weights == expected.weights && result.state == expected.state)
  }

  @Test func aDamagedByteIsFoundAndTheCheckpointBeforeIsUsed() throws {
    let setup = try TinyTask().setup(epochs: 4)
    try makeFolder(at: setup.foldFolder.url)
    let interruption = TrainingInterruption()
    var run = try TrainingRun(setup)
    run.interruption = interruption
    let wish = Wish(.stop(reason: "SIGTERM"), of: interruption, at: 12)
    #expect(throws: TrainingError.self) { try run.run(reportingTo: wish) }
    #expect(setup.foldFolder.exists(.previous))
    let latest = setup.foldFolder.file(.latest)
    var bytes = try Data(contentsOf: latest)
    // The last byte belongs to the last array; the file stays readable.
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: latest)
    try FileManager.default.removeItem(at: setup.foldFolder.file(.best))

    let heard = CollectingReporter()
    var resumed = try TrainingRun(setup)
    try resumed.resume(reportingTo: heard)
    #expect(resumed.progress.epoch == 2)
    #expect(heard.warnings.contains { $0.contains(latest.path) && $0.contains("checksum") })
  }

  /// States that no training leaves behind; converted checkpoints have no checksum.
  @Test func impossibleStatesAreDamagedCheckpoints() throws {
    let setup = try TinyTask().setup(epochs: 3)
    try makeFolder(at: setup.foldFolder.url)
    let interruption = TrainingInterruption()
    var run = try TrainingRun(setup)
    run.interruption = interruption
    #expect(throws: TrainingError.self) {
      try run.run(reportingTo: Wish(.stop(reason: "SIGTERM"), of: interruption, at: 9))
    }
    let file = setup.foldFolder.file(.latest)
    let stored = try SafetensorsFile(contentsOf: file)
    let text = try #require(stored.metadata["training"])
    func write(_ text: String) throws {
      try SafetensorsFile(metadata: ["training": text], arrays: stored.arrays).write(to: file)
    }
    try write(text)
    #expect(try TrainingCheckpoint(contentsOf: file).state.partialEpoch != nil)
    func edited(_ edit: (inout [String: Any]) -> Void) throws -> String {
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
      var state = try #require(object as? [String: Any])
      edit(&state)
      return String(decoding: try JSONSerialization.data(withJSONObject: state), as: UTF8.self)
    }
    func inner(
      _ state: inout [String: Any], _ key: String, _ edit: (inout [String: Any]) -> Void
    ) {
      var value = state[key] as? [String: Any] ?? [:]
      edit(&value)
      state[key] = value
    }
    let edits: [(inout [String: Any]) -> Void] = [
      { inner(&$0, "progress") { $0["validationLosses"] = [Double]() } },
      { inner(&$0, "progress") { $0["foregroundDice"] = [0.5, 0.5, 0.5, 0.5] } },
      { inner(&$0, "scaler") { $0["scale"] = 0 } },
      { inner(&$0, "scaler") { $0["finiteSteps"] = Int.max } },
      {
        inner(&$0, "partialEpoch") { inner(&$0, "evaluation") { $0["truePositives"] = [Int.max] } }
      },
      {
        inner(&$0, "partialEpoch") {
          inner(&$0, "evaluation") { $0["falseNegatives"] = [0, Int.max] }
        }
      },
      { inner(&$0, "recipe") { $0["epochs"] = -1 } },
      { inner(&$0, "recipe") { $0["epochsPerCheckpoint"] = 0 } },
      { inner(&$0, "recipe") { $0["mirrorAxes"] = [7] } },
    ]
    for (index, edit) in edits.enumerated() {
      try write(edited(edit))
      let error = #expect(throws: TrainingError.self, "\(index)") {
        try TrainingCheckpoint(contentsOf: file)
      }
      guard case .damagedCheckpoint(file.path, _)? = error else {
        Issue.record("\(index): \(String(describing: error))")
        continue
      }
    }
  }

  /// An unfinished epoch continues with fewer or more batches.
  @Test(arguments: [(1, 1), (1, 2), (3, 1), (5, 2), (3, 4)], [7, 9])
  func anEpochGoesOnWithOtherNumbersOfBatches(numbers: (Int, Int), step: Int) throws {
    let task = try TinyTask()
    let setup = try task.setup(epochs: 3)
    try makeFolder(at: setup.foldFolder.url)
    let interruption = TrainingInterruption()
    var stopped = try TrainingRun(setup)
    stopped.interruption = interruption
    #expect(throws: TrainingError.self) {
      try stopped.run(reportingTo: Wish(.stop(reason: "SIGTERM"), of: interruption, at: step))
    }
    let changed = try task.setup(epochs: 3) {
      ($0.iterationsPerEpoch, $0.validationIterationsPerEpoch) = numbers
    }
    var resumed = try TrainingRun(changed)
    try resumed.resume(reportingTo: SilentReporter())
    try resumed.run(reportingTo: SilentReporter())
    let progress = resumed.progress
    #expect(progress.epoch == 3)
    #expect((progress.trainingLosses + progress.validationLosses).allSatisfy { $0.isFinite })
  }

  @Test func aDiskThatTakesNothingDoesNotEndTheTraining() throws {
    let expected = try Self.wholeRun()
    let setup = try TinyTask().setup(epochs: 3)
    try makeFolder(at: setup.foldFolder.url)
    // A folder in the place of the file makes writing fail, like a full disk.
    try makeFolder(at: setup.foldFolder.file(.pending).appending(path: "occupied"))
    let heard = CollectingReporter()
    var run = try TrainingRun(setup)
    try run.run(reportingTo: heard)
    #expect(heard.warnings.count { $0.contains("Cannot write") } == 2, "after epochs 0 and 1")
    let result = try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
    #expect(result.weights == expected.weights)
  }

  @Test func withoutSavingOnlyTheTrainingIsLeft() throws {
    var setup = try TinyTask().setup(epochs: 3)
    setup.recipe.savesFinalAndBest = false
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    try run.run(reportingTo: SilentReporter())
    #expect(FoldFolder.Checkpoint.allCases.filter(setup.foldFolder.exists).isEmpty)
  }

  @Test func theChecksumSeesOrderAndLength() {
    func checksum(_ bytes: [UInt8]) -> String {
      var checksum = ContentChecksum()
      bytes.withUnsafeBytes { checksum.add($0) }
      return checksum.text
    }
    let texts = [[], [0], [0, 0], [1, 0], [0, 1], Array(repeating: 0, count: 8)].map(checksum)
    #expect(Set(texts).count == texts.count)
    #expect(texts.allSatisfy { $0.count == 16 })
  }

  private static func wholeRun() throws -> TrainingCheckpoint {
    let setup = try TinyTask().setup(epochs: 3, epochsPerCheckpoint: 2)
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    try run.run(reportingTo: SilentReporter())
    return try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
  }
}
