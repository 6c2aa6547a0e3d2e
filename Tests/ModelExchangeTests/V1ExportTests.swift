import Arrays
import Foundation
import HostSystem
import Networks
import Plans
import TestSupport
import Testing

@testable import ModelExchange

@Suite struct V1ExportTests {
  @Test func givesAnotherTrainersName() throws {
    let folder = try temporaryFolder()
    let fold = folder.appending(path: "fold_0")
    try FileManager.default.createDirectory(at: fold, withIntermediateDirectories: true)
    #expect(throws: ExchangeError.self) {
      try V1Model.changeTrainer(inFolder: folder, to: "nnUNetTrainerV2")
    }
    let file = fold.appending(path: "model_final_checkpoint.model")
    try V1Checkpoint(
      trainer: "MyTrainer", plans: plans, configuration: .fullResolution, fold: 0, weights: []
    ).write(to: file)
    let changed = try V1Model.changeTrainer(inFolder: folder, to: "nnUNetTrainerV2_Loss_CE")
    #expect(changed.map(\.lastPathComponent) == ["model_final_checkpoint.model.pkl"])
    let description = try V1Model.description(ofCheckpoint: file)
    #expect(description.trainer == "nnUNetTrainerV2_Loss_CE")
    #expect(description.plans == plans)
  }

  /// What is written is read back unchanged; `Tools/check-v1-exchange` reads it with Python.
  @Test func readsWhatItWrites() throws {
    let folder = try temporaryFolder()
    let file = folder.appending(path: "model_final_checkpoint.model")
    let weights = [
      NamedArray(
        name: "tu.0.weight", array: DenseArray(shape: [2, 3], scalars: [1, 2, 3, 4, 5, -6])),
      NamedArray(name: "bias", array: DenseArray(shape: [1], scalars: [0.1])),
    ]
    var checkpoint = V1Checkpoint(
      trainer: "nnUNetTrainerV2", plans: plans, configuration: .fullResolution, fold: 3,
      weights: weights)
    checkpoint.momentum = [NamedArray(name: "bias", array: DenseArray(shape: [1], scalars: [9]))]
    checkpoint.trainingLosses = [1, 0.5]
    checkpoint.validationLosses = [2, 0.25]
    checkpoint.foregroundDice = [0.5, .nan]
    try checkpoint.write(to: file)

    #expect(try V1Model.weights(contentsOf: file) == weights)
    let description = try V1Model.description(ofCheckpoint: file)
    #expect(description.trainer == "nnUNetTrainerV2")
    #expect(description.plans == plans)
    let stored = try TorchFile(contentsOf: file)
    #expect(stored.value["epoch"]?.integer == 2)
    let state = try #require(stored.value["optimizer_state_dict"]?["state"]?.entries)
    #expect(state.map(\.key.integer) == [1])
    #expect(
      try stored.arrays(of: #require(state.first?.value)).map(\.array)
        == [DenseArray(shape: [1], scalars: [9])])
    let plansFile = folder.appending(path: V1Model.plansFile)
    try V1Model.write(plans, to: plansFile)
    #expect(try V1Model.plans(contentsOf: plansFile) == plans)
  }

  @Test func refusesWhatV1DoesNotHave() throws {
    func problem(
      _ network: NetworkArchitecture? = nil, _ change: (inout ExperimentPlans) -> Void = { _ in }
    ) -> String? {
      var plans = plans
      change(&plans)
      do {
        try V1Model.check(
          plans: plans,
          network: network ?? NetworkArchitecture(plans: plans, stage: ExportFixture.stage),
          preprocessors: [self.plans.preprocessorName], model: "model")
        return nil
      } catch {
        return error.message
      }
    }
    let start = "model cannot be exported for nnU-Net v1: "
    #expect(problem() == nil)
    var packages = UNetConfiguration(plans: plans, stage: ExportFixture.stage)
    packages.registeredName = "mine"
    #expect(
      problem(.genericUNet(packages)) == start + "its network mine comes from a package.")
    let ofV2 = DynamicUNetConfiguration(
      .plain, plans: plans, stage: ExportFixture.stage, inputChannels: 1, outputChannels: 3)
    #expect(problem(.dynamicUNet(ofV2)) == start + "its network belongs to v2.")
    #expect(
      problem { $0.preprocessorName = ExperimentPlans.preprocessorV2 }
        == start + "its images were prepared by DefaultPreprocessor.")
    #expect(
      problem { $0.convention = .v2 }
        == start + "its images are prepared and its outputs averaged as in v2.")
    #expect(
      problem { $0.normalizationSchemes[0] = NormalizationScheme(rawValue: "mine") }
        == start + "channel 0 is normalized as mine.")
  }

  private var plans: ExperimentPlans {
    ExperimentPlans(
      stages: [0: ExportFixture.stage], channelNames: [0: "CT"], normalizationSchemes: [0: .ct],
      fingerprint: ExportFixture.fingerprint(channels: [0: "CT"]), baseFeatureCount: 4,
      usesMaskForNormalization: [0: false],
      transposeForward: [1, 0, 2], transposeBackward: [1, 0, 2],
      dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: "GenericPreprocessor",
      convolutionsPerStage: 2)
  }
}
