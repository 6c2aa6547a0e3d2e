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

@Suite struct TrainerNamesTests {
  @Test func everyNameHasOneRecipeThatCanBeStored() throws {
    let names = TrainingRecipe.all.map(\.name)
    #expect(Set(names).count == names.count)
    for recipe in TrainingRecipe.all {
      let data = try JSONEncoder().encode(recipe)
      #expect(try JSONDecoder().decode(TrainingRecipe.self, from: data) == recipe)
      #expect(recipe.reasonForRefusal == nil, "\(recipe.name)")
    }
  }

  @Test func copiesAreTheSameUnderAnotherName() throws {
    let copy = try TrainingRecipe.named("nnUNetTrainerV2_Loss_TopK10_copy3")
    var original = try TrainingRecipe.named("nnUNetTrainerV2_Loss_TopK10")
    #expect(copy.name == "nnUNetTrainerV2_Loss_TopK10_copy3")
    original.name = copy.name
    #expect(copy == original)
    #expect(copy.loss == .only(.topCrossEntropy(percent: 10)))
  }

  @Test func unknownNamesListNearOnes() throws {
    let error = try #require(throws: TrainingError.self) {
      try TrainingRecipe.named("nnunetTrainerV2_noMiroring")
    }
    guard case .unknownTrainer(_, let known) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(known.first == "nnUNetTrainerV2_noMirroring")
    #expect(known.count == 5)
    #expect(try #require(error.hint).contains("nnUNetTrainerV2_noMirroring"))
  }

  @Test func whatIsMissingIsNamed() throws {
    let soft = try TrainingRecipe.named("nnUNetTrainerV2_softDeepSupervision")
    let feature = try #require(soft.unavailableFeature)
    #expect(throws: TrainingError.unavailable(trainer: soft.name, feature: feature)) {
      try TinyTask().setup { $0 = soft }
    }
  }
}

@Suite struct OldRecipeTests {
  @Test func whatOlderVersionsDidNotWriteHasItsDefault() throws {
    let name = "nnUNetTrainerV2_Loss_CE"
    let least = try JSONDecoder().decode(
      TrainingRecipe.self, from: Data(#"{"name": "nnUNetTrainerV2"}"#.utf8))
    #expect(try least == TrainingRecipe.named("nnUNetTrainerV2"))
    let recipe = try TrainingRecipe.named(name)
    var object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe)) as? [String: Any])
    var network = try #require(object["network"] as? [String: Any])
    for key in ["architecture", "startsAsIdentity"] {
      #expect(network.removeValue(forKey: key) != nil)
    }
    object["network"] = network
    var cascade = try #require(object["cascade"] as? [String: Any])
    #expect(cascade.removeValue(forKey: "previousTrainer") != nil)
    object["cascade"] = cascade
    let old = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONDecoder().decode(TrainingRecipe.self, from: old) == recipe)
  }
}

@Suite struct RecipeFileTests {
  private func recipe(_ text: String) throws -> TrainingRecipe {
    let file = try temporaryFolder().appending(path: "mine.json")
    try Data(text.utf8).write(to: file)
    return try TrainingRecipe(
      contentsOf: file, base: try TrainingRecipe.named("nnUNetTrainerV2_noMirroring"))
  }

  @Test func aFileChangesWhatItNames() throws {
    let recipe = try recipe(
      """
      {"optimizer": {"adam": {"amsgrad": false}}, "schedule": {"initialRate": 0.001},
       "loss": {"terms": [{"kind": {"crossEntropy": {}}, "weight": 1}]}, "mirrorAxes": [0, 2]}
      """)
    #expect(recipe.name == "nnUNetTrainerV2_noMirroring_mine")
    #expect(recipe.optimizer == .adam(amsgrad: false))
    #expect(recipe.schedule.initialRate == 0.001)
    #expect(recipe.schedule.phases == LearningRateSchedule().phases)
    #expect(recipe.loss == .only(.crossEntropy))
    #expect(recipe.mirrorAxes == [0, 2])
    #expect(recipe.epochs == 1000)
    #expect(try self.recipe(#"{"mirrorAxes": null, "name": "all"}"#).mirrorAxes == nil)
  }

  @Test(arguments: [
    ("[1]", "it is not a JSON object"), (#"{"epoch": 5}"#, "a recipe has no epoch"),
    (#"{"schedule": {"rate": 5}}"#, "a recipe has no schedule.rate"),
    (#"{"epochs": 0}"#, "epochs is 0, but must be 1 to 1000000"),
    (#"{"epochs": "many"}"#, "epochs is not valid"),
    (#"{"optimizer": {"adam": {}}}"#, "optimizer.adam.amsgrad is missing"),
    (#"{"name": "a/b"}"#, "cannot be part of a folder's name"),
    (
      #"{"loss": {"terms": [{"kind": {"binaryCrossEntropy": {}}, "weight": 1}]}}"#,
      "for regions only"
    ),
  ]) func mistakesAreNamed(text: String, reason: String) throws {
    let error = try #require(throws: TrainingError.self) { try recipe(text) }
    #expect(error.message.contains(reason), "\(error.message)")
    #expect(error.message.contains("mine.json"))
  }
}

/// Short trainings with recipes that are not the default.
@Suite(.serialized) struct RecipeTrainingTests {
  private func train(
    _ trainer: String, change: (inout TrainingRecipe) -> Void = { _ in }
  ) throws -> TrainingRun {
    let recipe = try TrainingRecipe.named(trainer)
    let task = try TinyTask()
    let setup = try task.setup {
      $0 = recipe
      ($0.epochs, $0.iterationsPerEpoch, $0.validationIterationsPerEpoch) = (2, 3, 2)
      change(&$0)
    }
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    try run.run(reportingTo: SilentReporter())
    #expect(run.progress.trainingLosses.allSatisfy { $0.isFinite })
    return run
  }

  @Test(arguments: [
    "nnUNetTrainerV2_Adam", "nnUNetTrainerV2_noDataAugmentation",
    "nnUNetTrainerV2_noDeepSupervision", "nnUNetTrainerV2_DA2",
    "nnUNetTrainerV2_Loss_DiceTopK10", "nnUNetTrainerV2_LReLU_slope_2en1",
    "nnUNetTrainerV2_Ranger_lr1en2", "nnUNetTrainerV2_DA5", "nnUNetTrainerV2_FRN",
  ]) func aVariantTrains(trainer: String) throws {
    let run = try train(trainer)
    let checkpoint = try TrainingCheckpoint(contentsOf: run.setup.foldFolder.file(.final))
    #expect(checkpoint.state.recipe == run.setup.recipe)
    var other = try TrainingRun(run.setup)
    try other.restore(checkpoint, from: run.setup.foldFolder.file(.final))
    #expect(try other.checkpoint().momentum == checkpoint.momentum)
  }

  @Test func benchmarksLeaveNothingBehind() throws {
    let run = try train("nnUNetTrainerV2_2epochs_dummyLoad")
    #expect(run.progress.epoch == 2)
    #expect(FoldFolder.Checkpoint.allCases.allSatisfy { !run.setup.foldFolder.exists($0) })
  }

  @Test func regionsOverlap() throws {
    let run = try train("nnUNetTrainerV2_Loss_CE") {
      $0.regions = [
        LabelRegion(name: "ball", labels: [1], exportedAs: 1),
        LabelRegion(name: "everything", labels: [0, 1], exportedAs: 2),
      ]
      $0.loss = .sum(.regionDice(smoothing: 0), .binaryCrossEntropy)
    }
    #expect(run.setup.network.outputChannels == 2)
    let batch = try run.setup.batchMaker(seed: 1)
      .batch(at: .init(purpose: .training, epoch: 0, index: 0))
    #expect(batch.targets[0].shape == [2, 2, 8, 16, 12])
    let sizes = (0..<2).map { batch.targets[0].slice($0).slice(1).scalars.allSatisfy { $0 == 1 } }
    #expect(sizes == [true, true], "every voxel is in the second region")
  }

  @Test func nothingLearnedAfter101EpochsDrawsNewWeights() throws {
    var run = try train("nnUNetTrainerV2")
    let before = try run.network.weights()
    try run.restartIfNothingWasLearned(log: SilentReporter())
    #expect(try run.network.weights() == before, "it is too early")
    while run.progress.epoch < 101 {
      _ = run.progress.finishEpoch(trainingLoss: 0, validationLoss: 0, foregroundDice: 0)
    }
    try run.restartIfNothingWasLearned(log: SilentReporter())
    #expect(run.progress.wasRestarted)
    let checkpoint = try run.checkpoint()
    #expect(checkpoint.state.momentum == 0.95)
    for (old, new) in zip(before, checkpoint.weights) where old.name.hasSuffix("weight") {
      #expect((old == new) == old.name.contains("norm"), "\(old.name)")
    }
  }

  /// Each of these ended the program, or a training after hours.
  @Test func impossibleNumbersAreRefused() {
    let (least, most) = (Int.min, Int.max)
    let changes: [(key: String, (inout TrainingRecipe) -> Void)] = [
      (
        "a cycle",
        { $0.schedule.phases = [.init(from: 0, .cycle(epochs: 0, lowest: 0, highest: 1))] }
      ),
      (
        "a cycle",
        { $0.schedule.phases = [.init(from: 0, .cycle(epochs: 1, lowest: 0, highest: 1))] }
      ),
      ("initialRate", { $0.schedule.initialRate = .infinity }),
      ("mirrorAxes", { $0.mirrorAxes = [3] }), ("mirrorAxes", { $0.mirrorAxes = [-1] }),
      ("mirrorAxes", { $0.mirrorAxes = [1, 1] }),
      ("largestRadius", { $0.cascade.largestRadius = 1e18 }),
      ("largestRadius", { $0.cascade.largestRadius = .nan }),
      ("momentumRamp", { $0.momentumRamp = .init(firstEpoch: least, epochs: 1, end: 0) }),
      ("momentumRamp", { $0.momentumRamp = .init(firstEpoch: 0, epochs: 0, end: 0) }),
      ("gamma", { $0.loss = .only(.focal(alpha: 0.5, gamma: -1)) }),
      ("gamma", { $0.loss = .only(.focal(alpha: 0.5, gamma: most)) }),
      (
        "a transition",
        {
          $0.loss = .init(
            [.init(.crossEntropy)], transition: .init(from: least, to: 1, weights: [1]))
        }
      ),
      (
        "a transition",
        {
          $0.loss = .init(
            [.init(.crossEntropy)], transition: .init(from: least, to: most, weights: [1]))
        }
      ),
    ]
    for (index, (key, change)) in changes.enumerated() {
      var recipe = TrainingRecipe.all[0]
      change(&recipe)
      #expect(
        recipe.reasonForRefusal?.contains(key) == true,
        "\(index): \(recipe.reasonForRefusal ?? "taken")")
    }
  }

  /// Plans and recipe together: a network that cannot be built, an axis that patches do not have.
  @Test func recipesThatDoNotFitThePlansAreRefused() throws {
    let task = try TinyTask()
    let changes: [(key: String, (inout TrainingRecipe) -> Void)] = [
      ("convolutionsPerStage", { $0.network.convolutionsPerStage = 0 }),
      ("convolutionsPerStage", { $0.network.convolutionsPerStage = .max }),
      ("baseFeatures", { $0.network.baseFeatures = -1 }), ("epochs", { $0.epochs = 0 }),
    ]
    for (key, change) in changes {
      let error = #expect(throws: TrainingError.self, "\(key)") { try task.setup(change: change) }
      guard case .impossibleRecipe(_, let reason)? = error else {
        Issue.record("\(key): \(String(describing: error))")
        continue
      }
      #expect(reason.contains(key), "\(reason)")
    }
    var setup = try task.setup { $0.mirrorAxes = [0, 2] }
    setup.stagePlan.patchSize.removeFirst()
    #expect(throws: TrainingError.self) { try setup.checkRecipe() }
  }

  @Test func absurdCountsAreRefused() {
    for change: (inout TrainingRecipe) -> Void in [
      { $0.epochs = 10_000_000_000 }, { $0.batchSize = 1_000_000_001 }, { $0.epochs = 0 },
      { $0.iterationsPerEpoch = .max }, { $0.validationIterationsPerEpoch = .max },
      { $0.epochsPerCheckpoint = .max },
    ] {
      var recipe = TrainingRecipe.all[0]
      change(&recipe)
      #expect(recipe.reasonForRefusal?.contains("1 to 1000000") == true)
    }
  }
}
