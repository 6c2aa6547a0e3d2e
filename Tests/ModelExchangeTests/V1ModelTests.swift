import Arrays
import Foundation
import Plans
import TestSupport
import Testing

@testable import ModelExchange

@Suite struct V1ModelTests {
  @Test func namesWhatIsMissing() throws {
    let url = fixtureURL("pickles/value_4.pkl")
    #expect(throws: PlansError.missingKey(path: url.path, key: "plans_per_stage")) {
      try V1Model.plans(contentsOf: url)
    }
    let state = fixtureURL("pickles/state.pth")
    #expect(try V1Model.stateDictionary(contentsOf: state).count == 8)
  }

  @Test func knowsWhichTrainersHaveThePlainNetwork() {
    for name in ["nnUNetTrainerV2", "nnUNetTrainerV2_DDP", "nnUNetTrainerV2_Loss_CE"] {
      #expect(V1Trainers.usesPlainNetwork(name))
    }
    for name in [
      "nnUNetTrainer", "nnUNetTrainerV2_BN", "nnUNetTrainerV2_ReLU", "nnUNetTrainerV2_noMirroring",
      "nnUNetTrainerV2BraTSRegions", "nnUNetTrainerV2_ResencUNet", "MyTrainer",
    ] { #expect(!V1Trainers.usesPlainNetwork(name)) }
  }
}
