import Archives
import Arrays
import Charts
import Foundation
import HostSystem
import Inference
import JSON
import Networks
import Plans
import TestSupport
import Testing
import Torch

@testable import Training

@Suite(.serialized) struct RunFilesTests {
  @Test func aTrainingLeavesPicturesSettingsAndEvents() throws {
    let setup = try TinyTask().setup(epochs: 2)
    var session = TrainingSession(setup: setup)
    session.writesTensorBoard = true
    session.validation = FinalValidation(setup: setup, threads: 1)
    try session.run(reporter: SilentReporter())
    let fold = setup.foldFolder.url
    let names = try FileManager.default.contentsOfDirectory(atPath: fold.path)
    #expect(
      Set(names).isSuperset(of: [
        "progress.png", "network_architecture.pdf", "debug.json", "postprocessing.json",
        "validation_raw_postprocessed",
      ]))
    let debug = try JSONFile.read(
      DebugInformation.self, from: fold.appending(path: "debug.json"))
    #expect(debug.recipe == setup.recipe && debug.network == setup.network)
    #expect(debug.trainingCases == setup.split.training)
    let events = try #require(names.first { $0.hasPrefix("events.out.tfevents.") })
    let bytes = try Data(contentsOf: fold.appending(path: events))
    #expect(bytes.range(of: Data("loss/validation".utf8)) != nil)
    #expect(bytes.range(of: Data("dice/class_1".utf8)) != nil)
  }

  @Test func probabilitiesOfTheValidationAreKept() throws {
    let setup = try TinyTask().setup(epochs: 1)
    var session = TrainingSession(setup: setup)
    var validation = FinalValidation(setup: setup, threads: 1)
    validation.overwrites = false
    session.validation = validation
    try session.run(reporter: SilentReporter())
    let folder = setup.foldFolder.validationFolder(named: "validation_raw")
    let identifier = try #require(setup.split.validation.first)
    let archive = ProbabilitiesFile.archive(of: identifier, in: folder)
    #expect(!FileManager.default.fileExists(atPath: archive.path))
    // There are segmentations, but not everything that was requested.
    session.start = .validationOnly(.final)
    session.validation?.options.savesProbabilities = true
    try session.run(reporter: SilentReporter())
    let stored = try NPZFile(at: archive).readFloats(ProbabilitiesFile.arrayName)
    #expect(stored.shape == [2] + TinyTask.size)
    let (first, second) = (stored.scalars[0], stored.scalars[TinyTask.size.reduce(1, *)])
    #expect(abs(first + second - 1) < 2e-3, "the labels' probabilities sum to one")
  }

  @Test func theArchitectureIsThatOfThePlans() throws {
    let setup = try TinyTask().setup()
    let drawing = setup.architectureDrawing(parameterCount: 5_602_944)
    let stages = drawing.stages
    #expect(drawing.remarks[0].contains(", 5\u{A0}602\u{A0}944 parameters, "))
    #expect(drawing.block == "2 × (convolution, instance norm, leaky ReLU)")
    #expect(drawing.title == setup.pictureTitle + ": network")
    #expect(stages.map(\.size) == [[8, 16, 12], [4, 8, 6], [4, 4, 3]])
    #expect(stages.map(\.features) == [4, 8, 16])
    #expect(stages.map(\.stride) == [nil, [2, 2, 2], [1, 2, 2]])
    #expect(stages.map { $0.decoderKernel != nil } == [true, true, false])
    #expect(stages.map(\.hasLoss) == [true, false, false])
  }

  @Test func aPictureThatCannotBeWrittenEndsNothing() throws {
    let setup = try TinyTask().setup(epochs: 1)
    try makeFolder(at: setup.foldFolder.url.appending(path: "progress.png/occupied"))
    let listener = CollectingReporter()
    try TrainingSession(setup: setup).run(reporter: listener)
    #expect(listener.warnings.contains { $0.contains("progress.png") })
    #expect(setup.foldFolder.exists(.final))
  }

  @Test func theRecipeOfTheCheckpointGoesOn() throws {
    let task = try TinyTask()
    let interruption = TrainingInterruption()
    interruption.request(.stop(reason: "SIGTERM"))
    var begun = TrainingSession(
      setup: try task.setup(epochs: 3) {
        $0.schedule.initialRate = 0.005
        $0.loss = .only(.crossEntropy)
      })
    begun.interruption = interruption
    #expect(throws: TrainingError.self) { try begun.run(reporter: SilentReporter()) }

    let plain = try task.setup(epochs: 7)
    var resumed = TrainingSession(setup: plain)
    resumed.start = .resuming
    resumed.changes.epochs = 2
    let listener = CollectingReporter()
    try resumed.run(reporter: listener)
    let state = try TrainingCheckpoint(contentsOf: plain.foldFolder.file(.final)).state
    #expect(state.recipe.schedule.initialRate == 0.005)
    #expect(state.recipe.loss == .only(.crossEntropy))
    #expect(state.recipe.epochs == 2, "what the user changes now counts")
    #expect(state.progress.epoch == 2)
    // Unused settings are reported.
    #expect(
      listener.notes.contains {
        $0.contains("schedule.initialRate: 0.005 is now 0.01") && $0.contains("is not used")
      })
  }

  @Test func theNumberOfThreadsIsAPartOfTheSeed() throws {
    let setup = try TinyTask().setup(epochs: 1)
    let listener = CollectingReporter()
    try TrainingSession(setup: setup).run(reporter: listener)
    #expect(
      listener.notes.contains {
        $0.contains("threads for each operation, part of the seed")
          || $0.contains("1 thread for each operation, part of the seed")
      })
    let final = setup.foldFolder.file(.final)
    var saved = try TrainingCheckpoint(contentsOf: final)
    #expect(saved.state.threads == (try TorchRuntime.threads()))
    saved.state.threads = 77
    try saved.write(to: final)
    var resumed = TrainingSession(setup: setup)
    resumed.start = .resuming
    let heard = CollectingReporter()
    try resumed.run(reporter: heard)
    #expect(heard.warnings.contains { $0.contains("77 threads") })
  }

  @Test func aValidationEndsBetweenTwoCases() throws {
    let setup = try TinyTask().setup(epochs: 1)
    var session = TrainingSession(setup: setup)
    try session.run(reporter: SilentReporter())
    session.start = .validationOnly(.final)
    session.validation = FinalValidation(setup: setup, threads: 2)
    let interruption = TrainingInterruption()
    interruption.request(.stop(reason: "SIGTERM"))
    session.interruption = interruption
    let total = setup.split.validation.count
    #expect(
      throws: TrainingError.validationInterrupted(reason: "SIGTERM", completed: 1, total: total)
    ) { try session.run(reporter: SilentReporter()) }
    let folder = setup.foldFolder.validationFolder(named: "validation_raw")
    #expect(!fileExists(folder.appending(path: "summary.json")))
    #expect(fileExists(folder.appending(path: "\(setup.split.validation[0]).nii.gz")))
  }

  @Test func aDamagedCheckpointIsSaidInTheLogOfTheSession() throws {
    let setup = try TinyTask().setup(epochs: 3)
    try makeFolder(at: setup.foldFolder.url)
    var session = TrainingSession(setup: setup)
    let interruption = TrainingInterruption()
    session.interruption = interruption
    interruption.request(.stop(reason: "SIGTERM"))
    #expect(throws: TrainingError.self) { try session.run(reporter: SilentReporter()) }
    let latest = setup.foldFolder.file(.latest)
    try FileManager.default.copyItem(at: latest, to: setup.foldFolder.file(.previous))
    try Data("no checkpoint".utf8).write(to: latest)
    session.start = .resuming
    session.interruption = nil
    try session.run(reporter: SilentReporter())
    let logs = try FileManager.default.contentsOfDirectory(atPath: setup.foldFolder.url.path)
      .filter { $0.hasPrefix("training_log_") }
      .map { try String(contentsOf: setup.foldFolder.url.appending(path: $0), encoding: .utf8) }
      .joined()
    #expect(logs.contains("WARNING") && logs.contains(latest.path))
    #expect(logs.contains("continuing from model_previous"))
  }
}

@Suite struct TensorBoardTests {
  /// The bytes that TensorBoard's own writer makes from the same events.
  @Test func recordsEqualTensorBoards() throws {
    let time = 1_700_000_000.25
    let events = [
      TensorBoardFile.versionEvent(time: time),
      TensorBoardFile.restartEvent(time: time, step: 300),
      TensorBoardFile.summaryEvent(
        [("loss/train", -0.75), ("dice/mean", 0.5)], time: time + 1, step: 300),
    ]
    let bytes = events.map(TensorBoardFile.record).reduce(Data(), +)
    #expect(try bytes == Data(contentsOf: fixtureURL("tensorboard/events.bin")))
  }

  @Test func theChecksumIsCastagnolis() {
    #expect(TensorBoardFile.castagnoliChecksum(Data("123456789".utf8)) == 0xe306_9283)
  }

  @Test func valuesThatAreNoNumbersAreLeftOut() throws {
    let folder = try temporaryFolder()
    let file = try TensorBoardFile(in: folder, at: 1, resumingAt: 0)
    try file.append([("a", 1), ("b", .nan)], step: 1, at: 2)
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first)
    let bytes = try Data(contentsOf: folder.appending(path: name))
    #expect(bytes.range(of: Data("a".utf8)) != nil)
    #expect(
      bytes.suffix(from: 40).range(of: Data([0x0a, 0x01, 0x62])) == nil, "no tag named b")
  }
}

@Suite struct LearningRateSearchTests {
  @Test func theSteepestFallIsSuggested() throws {
    var curve = LearningRateSearch.Curve()
    // Flat, a fall around 1e-3, flat, then a rise.
    for index in 0..<400 {
      let exponent = -6 + Double(index) / 400 * 7
      curve.rates.append(pow(10, exponent))
      curve.losses.append(
        2 - 1 / (1 + exp(-6 * (exponent + 3))) + (exponent > 0 ? 3 * exponent : 0))
    }
    curve.suggest()
    let rate = curve.suggestion ?? 0
    // The picture shows the loss itself; the file has what nnU-Net v1 stores.
    let shown = curve.chart(title: "t").curves[0]
    let first = try #require(shown.y.first)
    let index = try #require(curve.rates.firstIndex(of: shown.x[0]))
    #expect(abs(first - (curve.losses[index] - 1)) < 1e-12)
    #expect(rate > pow(10, -3.2) && rate < pow(10, -2.8))
    var rising = LearningRateSearch.Curve()
    rising.rates = curve.rates
    rising.losses = curve.rates.indices.map(Double.init)
    rising.suggest()
    #expect(rising.suggestion == nil)
  }

  @Test func theAverageEndsTheSearch() {
    var curve = LearningRateSearch.Curve()
    var (average, lowest) = (0.0, 0.0)
    #expect(curve.add(loss: 0, rate: 1, average: &average, lowest: &lowest))
    #expect(abs(curve.losses[0] - 1) < 1e-12, "the first average is the first loss plus one")
    #expect(!curve.add(loss: 1000, rate: 2, average: &average, lowest: &lowest))
    #expect(!curve.add(loss: .nan, rate: 2, average: &average, lowest: &lowest))
    #expect(curve.rates == [1])
  }

  @Test func aSearchWritesItsCurve() throws {
    let setup = try TinyTask().setup()
    try LearningRateSearch(iterations: 40).run(setup, reporter: SilentReporter())
    let curve = try JSONFile.read(
      LearningRateSearch.Curve.self, from: setup.foldFolder.url.appending(path: "lr_finder.json"))
    #expect(curve.rates.count == curve.losses.count && curve.rates[0] == 1e-6)
    #expect(
      FileManager.default.fileExists(
        atPath: setup.foldFolder.url.appending(path: "lr_finder.png").path))
    #expect(!setup.foldFolder.exists(.final))
  }
}

@Suite(.serialized) struct EpochBenchmarkTests {
  @Test func realAndDummyEpochsAreMeasured() throws {
    let task = try TinyTask()
    var changes = RecipeChanges()
    changes.epochs = 2
    changes.iterationsPerEpoch = 2
    changes.validationIterationsPerEpoch = 1
    let benchmark = EpochBenchmark(changes: changes, threads: 1) { configuration, recipe in
      var setup = try task.setup(configuration: configuration)
      setup.recipe = recipe
      return setup
    }
    let report = try benchmark.run(
      [
        .init(.fullResolution, usesDummyLoad: false),
        .init(.fullResolution, usesDummyLoad: true),
        .init(.fullResolution, usesDummyLoad: false, batchFactor: 3),
      ], reporter: SilentReporter())
    #expect(
      report.measurements.map(\.name) == [
        "3d_fullres", "3d_fullres dummy", "3d_fullres large (3×batch)",
      ])
    #expect(report.measurements.map(\.batchSize) == [2, 2, 6])
    #expect(report.measurements.allSatisfy { $0.epochSeconds.count == 2 })
    #expect(!report.hardware.isEmpty && report.table.contains(report.hardware))
    #expect(report.table.split(separator: "\n").count == 7)
  }
}
