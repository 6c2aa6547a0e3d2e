import Arrays
import Augmentation
import Foundation
import HostSystem
import Networks
import Plans
import TestSupport
import Testing
import Torch

@testable import Training

@Suite(.serialized) struct CascadeTests {
  /// The low resolution trains and predicts for the cascade, fold by fold; then the cascade trains
  /// and validates.
  @Test(arguments: [1.0, 4])
  func aCascadeTrainsAndValidatesEndToEnd(sliceDistance: Double) throws {
    let task = try TinyTask(stages: 2, sliceDistance: sliceDistance)
    let cascade = try task.setup(epochs: 1, configuration: .cascade)
    #expect(cascade.network.inputChannels == 2, "the image and the mask of one label")
    var early = try TrainingRun(cascade)
    #expect(throws: TrainingError.self, "nothing was predicted yet") {
      try early.run(reportingTo: SilentReporter())
    }
    for fold in 0..<5 {
      let setup = try task.setup(epochs: 1, configuration: .lowResolution, fold: fold)
      try TrainingSession(setup: setup).run(reporter: SilentReporter())
    }
    let store = try #require(cascade.previous)
    for identifier in cascade.split.training + cascade.split.validation {
      let labels = try store.open(identifier, expecting: TinyTask.size).loaded()
      #expect(Set(labels.scalars).isSubset(of: [0, 1]))
    }
    var session = TrainingSession(setup: cascade)
    session.validation = FinalValidation(setup: cascade, threads: 1)
    try session.run(reporter: SilentReporter())
    let summary = cascade.foldFolder.validationFolder(named: "validation_raw")
      .appending(path: "summary.json")
    #expect(FileManager.default.fileExists(atPath: summary.path))

    // The first network has seen cases that a new split holds back.
    var splits = try #require(cascade.splits).splits
    splits.splits.reverse()
    try splits.write(to: cascade.preprocessedTask.appending(path: DataSplits.fileName))
    let other = TrainingSession(
      setup: try task.setup(epochs: 1, configuration: .cascade, fold: 1))
    let error = try #require(throws: TrainingError.self) {
      try other.run(reporter: SilentReporter())
    }
    #expect(error.message.contains("3d_lowres, fold_0: was trained on a split other than"))
    #expect(error.message.contains("  fold_0: was trained on a split other than"))
  }

  /// A signal ends the prediction for the next stage between two cases; -val completes it.
  @Test func thePredictionForTheNextStageEndsBetweenTwoCases() throws {
    let task = try TinyTask(cases: 10, stages: 2)
    let setup = try task.setup(epochs: 1, configuration: .lowResolution)
    #expect(setup.split.validation.count == 2)
    var session = TrainingSession(setup: setup)
    session.predictsNextStage = false
    try session.run(reporter: SilentReporter())
    session.predictsNextStage = true
    session.start = .validationOnly(.final)
    let interruption = TrainingInterruption()
    interruption.request(.stop(reason: "SIGTERM"))
    session.interruption = interruption
    #expect(
      throws: TrainingError.nextStageInterrupted(reason: "SIGTERM", completed: 1, total: 2)
    ) { try session.run(reporter: SilentReporter()) }
    let store = NextStageStore(model: setup.modelFolder)
    #expect(setup.split.validation.map { fileExists(store.file($0)) } == [true, false])
    session.interruption = nil
    try session.run(reporter: SilentReporter())
    #expect(setup.split.validation.allSatisfy { fileExists(store.file($0)) })
  }

  @Test func batchesHoldTheMasksBehindTheImage() throws {
    let task = try TinyTask(stages: 2)
    let setup = try task.setup(epochs: 1, configuration: .cascade)
    let store = try #require(setup.previous)
    for identifier in setup.split.training + setup.split.validation {
      try store.write(DenseArray(shape: TinyTask.size, filledWith: 1), identifier)
    }
    let batch = try setup.batchMaker(seed: 1).batch(
      at: BatchPosition(purpose: .validation, epoch: 0, index: 0))
    #expect(batch.data.shape == [2, 2] + setup.stagePlan.patchSize)
    let voxels = setup.stagePlan.patchSize.reduce(1, *)
    let mask = batch.data.scalars[voxels..<2 * voxels]
    #expect(mask.allSatisfy { $0 == 0 || $0 == 1 } && mask.contains(1))
    try store.write(DenseArray(shape: [2, 2, 2], filledWith: 1), setup.split.training[0])
    #expect(throws: TrainingError.self) { _ = try setup.batchMaker(seed: 1) }
  }

  @Test func masksFollowTheImage() {
    let image = DenseArray<Float>(shape: [1, 1, 1, 3], scalars: [5, 6, 7])
    let segmentation = DenseArray<UInt8>(shape: [1, 1, 3], scalars: [2, 0, 1])
    let joined = image.appendingMasks(of: segmentation, labels: 1..<3)
    #expect(joined.shape == [3, 1, 1, 3])
    #expect(joined.scalars == [5, 6, 7, 0, 0, 1, 1, 0, 0])
    let probabilities = DenseArray<Float>(
      shape: [2, 1, 1, 3], scalars: [0.5, 0.2, 0.9, 0.5, 0.8, 0.1])
    let spacing = [1.0, 1, 1]
    let labels = probabilities.mostProbableLabels(
      in: [1, 1, 3], spacing: spacing, resampledFrom: spacing)
    #expect(labels.scalars == [0, 1, 0], "ties go to the lowest")
  }

  @Test func regionsOfTheLowResolutionBecomeLabels() {
    let outputs = DenseArray<Float>(
      shape: [2, 1, 1, 4], scalars: [0.9, 0.6, 0.4, 0.5, 0.2, 0.55, 0.3, 0.8])
    let spacing = [1.0, 1, 1]
    let labels = outputs.labels(
      ofRegions: [3, 1], above: 0.5, in: [1, 1, 4], spacing: spacing, resampledFrom: spacing)
    #expect(labels.scalars == [3, 1, 0, 1], "later regions replace earlier ones")
  }

  /// Linearly, the fourth of six slices is three quarters of 0.6 and a quarter of 0; as a thick slice
  /// it is the second of three.
  @Test(arguments: [(1.0, 0), (4.0, 1)])
  func thickSlicesOfTheLowResolutionAreNotBlended(distance: Double, fourth: UInt8) {
    let slices: [Float] = [0.9, 0.6, 0]
    let values = (slices.map { 1 - $0 } + slices).flatMap { Array(repeating: $0, count: 4) }
    let labels = DenseArray<Float>(shape: [2, 3, 2, 2], scalars: values).mostProbableLabels(
      in: [6, 2, 2], spacing: [distance / 2, 1, 1], resampledFrom: [distance, 1, 1])
    #expect(labels.shape == [6, 2, 2])
    let expected: [UInt8] = [1, 1, 1, fourth, 0, 0]
    #expect(labels.scalars == expected.flatMap { Array(repeating: $0, count: 4) })
  }

  @Test func weightsThatFitAreTakenOver() throws {
    let setup = try TinyTask().setup(epochs: 1)
    try makeFolder(at: setup.foldFolder.url)
    var source = try TrainingRun(setup)
    try source.run(reportingTo: SilentReporter())
    let file = setup.foldFolder.file(.final)
    var wider = setup
    wider.seed = 8
    wider.plans.foregroundLabelCount = 2
    let target = try TrainingRun(wider)
    let before = try target.network.weights()
    try target.warmStart(from: file, reportingTo: SilentReporter())
    let trained = try source.network.weights()
    for ((old, new), source) in zip(zip(before, try target.network.weights()), trained) {
      // Only the segmentation heads have the number of labels in their shape.
      let fits = old.array.shape == source.array.shape
      #expect(new.array == (fits ? source : old).array, "\(new.name)")
      #expect(fits == !new.name.contains("seg_outputs"))
    }
  }

  /// The names of cascades differ in how the previous segmentation is changed.
  @Test func cascadeNamesChangeTheAugmentation() throws {
    func steps(_ name: String) throws -> (RandomMorphology, ComponentRemoval) {
      let named = try TrainingRecipe.named("nnUNetTrainerV2CascadeFullRes" + name)
      let recipe = named.augmentation.recipe(
        patchSize: [8, 8, 8], usesDummy2D: false, channelsUsingMask: [false], mirrorAxes: nil,
        regions: nil, previousLabels: [1, 2], cascade: named.cascade)
      var found: (RandomMorphology?, ComponentRemoval?)
      for step in recipe.steps {
        if let morphology = step.transform as? RandomMorphology { found.0 = morphology }
        if let removal = step.transform as? ComponentRemoval { found.1 = removal }
      }
      return (try #require(found.0), try #require(found.1))
    }
    let (morphology, removal) = try steps("")
    #expect(morphology == RandomMorphology(masks: 2))
    #expect(removal == ComponentRemoval(masks: 2))
    #expect(try steps("_noConnComp").1.probability == 0)
    #expect(try steps("_smallerBinStrel").0.radius == 1...5)
    let guess = try steps("_EducatedGuess3")
    #expect(guess.0.probability == 1 && guess.0.maskProbability == 0.33)
    #expect(guess.1.probability == 0)
  }
}
