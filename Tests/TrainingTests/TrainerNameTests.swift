import Foundation
import Plans
import TestSupport
import Testing

@testable import Training

@Suite struct TrainerNameTests {
  /// The classes below `nnunet/training/network_training` of nnU-Net 1.7.1, by grep for `class`.
  private func names() throws -> [String] {
    try JSONDecoder().decode(
      [String].self, from: Data(contentsOf: fixtureURL("recipes/trainers.json")))
  }

  @Test func everyTrainerOfVersion1IsARecipeOrHasAReason() throws {
    // It is the one that v1 refuses to train as well.
    let refused = [
      "nnUNetTrainerV2_softDeepSupervision": "a loss that nnU-Net v1 mentions but never contained"
    ]
    let names = try names()
    #expect(names.count == 110)
    for name in names {
      let recipe = try TrainingRecipe.named(name)
      #expect(recipe.name == name)
      #expect(recipe.unavailableFeature == refused[name], "\(name)")
    }
    #expect(Set(refused.keys).isSubset(of: names))
  }

  @Test func trainersOfOtherNetworksAreToldWhichTrainsCascades() throws {
    for (name, meant) in [
      ("nnUNetTrainerV2", "nnUNetTrainerV2CascadeFullRes"),
      ("nnUNetTrainerV2_DA5", "nnUNetTrainerV2CascadeFullRes"),
      ("nnUNetTrainerV2_PlainConvUNet", "nnUNetTrainerV2CascadeFullRes_PlainConvUNet"),
      ("nnUNetTrainer", "nnUNetTrainerCascadeFullRes"),
    ] {
      let recipe = try TrainingRecipe.named(name)
      #expect(throws: TrainingError.notForCascades(trainer: name, meant: meant)) {
        try recipe.check(for: .cascade)
      }
      try recipe.check(for: .fullResolution)
      try TrainingRecipe.named(meant).check(for: .cascade)
    }
    try TrainingRecipe.named("nnUNetTrainerV2CascadeFullRes_copy1").check(for: .cascade)
    // Packages know what theirs are for.
    try TrainingRecipe(name: "mine").check(for: .cascade)
  }

  @Test func namesAreUnique() {
    let names = TrainingRecipe.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func variantsAreWhatTheirNamesSay() throws {
    let mms = try TrainingRecipe.named("nnUNetTrainerV2_MMS")
    #expect(mms.augmentation == .mms && mms.network.normalization == .batch)
    let simon = try TrainingRecipe.named("nnUNetTrainerV2_ResencUNet_SimonsInit")
    #expect(simon.network.architecture == .residual && simon.network.startsAsIdentity)
    #expect(try TrainingRecipe.named("nnUNetTrainerV2_DA5").augmentation == .da5)
    let ranger = try TrainingRecipe.named("nnUNetTrainerV2_Ranger_lr3en3")
    #expect(ranger.optimizer == .ranger && ranger.schedule.initialRate == 3e-3)
    let first = try TrainingRecipe.named("nnUNetTrainerCascadeFullRes")
    #expect(first.augmentation == .first && first.cascade.previousTrainer == "nnUNetTrainer")
    let newer = try TrainingRecipe.named("nnUNetTrainerV2CascadeFullRes_PlainConvUNet")
    #expect(newer.network.architecture == .plainConvUNet)
    #expect(try TrainingRecipe.named(newer.cascade.previousTrainer).network == newer.network)
    let whole = try #require(
      try TrainingRecipe.named("nnUNetTrainerV2_fullEvals").wholeCaseEvaluation)
    #expect(abs(try #require(whole.targetDice) - 0.8308) < 1e-4)
    var parallel = try TrainingRecipe.named("nnUNetTrainerV2_DDP")
    parallel.name = "nnUNetTrainerV2"
    #expect(try parallel == TrainingRecipe.named("nnUNetTrainerV2"))
  }
}
