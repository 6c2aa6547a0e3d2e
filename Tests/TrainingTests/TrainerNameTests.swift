import Foundation
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
    let refused = [
      "nnUNetTrainerCascadeFullRes": "the cascade of nnU-Net's first trainer",
      "nnUNetTrainerV2_DA5": "the augmentation DA5",
      "nnUNetTrainerV2_FRN": "filter response normalization",
      "nnUNetTrainerV2_Ranger_lr1en2": "the optimizer Ranger",
      "nnUNetTrainerV2_Ranger_lr3en3": "the optimizer Ranger",
      "nnUNetTrainerV2_Ranger_lr3en4": "the optimizer Ranger",
      "nnUNetTrainerV2_ResencUNet_SimonsInit_DA5": "the augmentation DA5",
      "nnUNetTrainerV2_fullEvals": "the prediction of whole cases after every epoch",
      "nnUNetTrainerV2_resample33": "the export of its validation with cubic interpolation",
      "nnUNetTrainerV2_softDeepSupervision": "targets that are fractions at lower resolutions",
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

  @Test func namesAreUnique() {
    let names = TrainingRecipe.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func variantsAreWhatTheirNamesSay() throws {
    let mms = try TrainingRecipe.named("nnUNetTrainerV2_MMS")
    #expect(mms.augmentation == .mms && mms.network.normalization == .batch)
    let simon = try TrainingRecipe.named("nnUNetTrainerV2_ResencUNet_SimonsInit")
    #expect(simon.network.architecture == .residual && simon.network.startsAsIdentity)
    var parallel = try TrainingRecipe.named("nnUNetTrainerV2_DDP")
    parallel.name = "nnUNetTrainerV2"
    #expect(try parallel == TrainingRecipe.named("nnUNetTrainerV2"))
  }
}
