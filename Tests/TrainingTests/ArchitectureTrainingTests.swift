import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Inference
import JSON
import Networks
import Plans
import TestSupport
import Testing
import Torch
import TrainedModels

@testable import Training

/// Variants of the network trained, stored, validated and predicted on a tiny task.
@Suite(.serialized) struct ArchitectureTrainingTests {
  private func train(_ name: String, residual: Bool = false) throws -> TrainingRun {
    let task = try TinyTask(isResidual: residual)
    let setup = try task.setup(epochs: 2) {
      let named = try? TrainingRecipe.named(name)
      let tiny = $0
      guard let named else { return }
      $0 = named
      $0.epochs = tiny.epochs
      $0.iterationsPerEpoch = 12
      $0.validationIterationsPerEpoch = 2
      // Groups need eight features.
      $0.network.baseFeatures = 8
    }
    #expect(setup.recipe.name == name)
    try TrainingSession(setup: setup).run(reporter: SilentReporter())
    let url = setup.foldFolder.file(.final)
    var again = try TrainingRun(setup)
    try again.restore(TrainingCheckpoint(contentsOf: url), from: url)
    return again
  }

  @Test(arguments: ["nnUNetTrainerV2_BN", "nnUNetTrainerV2_GN", "nnUNetTrainerV2_Mish"])
  func plainNetworksLearn(name: String) throws {
    let run = try train(name)
    let losses = run.progress.trainingLosses
    #expect(losses.count == 2 && losses[1] < losses[0])
  }

  @Test(arguments: [
    "nnUNetTrainerV2_ResencUNet", "nnUNetTrainerV2_ResencUNet_SimonsInit",
    "nnUNetTrainerV2_ResencUNet_DA3_BN",
  ])
  func residualEncodersLearn(name: String) throws {
    let run = try train(name, residual: true)
    let losses = run.progress.trainingLosses
    #expect(losses.count == 2 && losses[1] < losses[0])
  }

  @Test(arguments: ["nnUNetTrainerV2_PlainConvUNet", "nnUNetTrainerV2_ResidualEncoderUNet"])
  func networksOfV2Learn(name: String) throws {
    let task = try TinyTask(convention: .v2)
    let named = try TrainingRecipe.named(name)
    let setup = try task.setup(epochs: 2) {
      $0.iterationsPerEpoch = 12
      $0.network = named.network
    }
    var session = TrainingSession(setup: setup)
    var validation = FinalValidation(setup: setup, threads: 1)
    validation.options.savesProbabilities = true
    session.validation = validation
    #expect(throws: InferenceError.self) { try session.run(reporter: SilentReporter()) }
    session.validation?.options.savesProbabilities = false
    try session.run(reporter: SilentReporter())
    let url = setup.foldFolder.file(.final)
    let checkpoint = try TrainingCheckpoint(contentsOf: url)
    let losses = checkpoint.state.progress.trainingLosses
    #expect(losses.count == 2 && losses[1] < losses[0])
    guard case .dynamicUNet(let network) = checkpoint.state.network else {
      Issue.record("\(checkpoint.state.network) is none of v2's")
      return
    }
    #expect(network.features == [4, 8, 16] && network.strides[0] == [1, 1, 1])
    #expect(network.encoderBlocks == (network.encoder == .plain ? [2, 2, 2] : [1, 3, 4]))
    #expect(checkpoint.state.learningRates.count == 2)
    let model = try TrainedModel(folder: setup.modelFolder, configuration: .fullResolution)
    #expect(model.plans.convention == .v2 && model.convention == .v2)
    let predictors = try model.predictors(
      checkpoints: [url], rules: model.predictionRules(), on: .cpu, precision: .float32)
    #expect(predictors[0].labelCount == 2)
  }

  @Test func optionsThatV2DoesNotHaveAreRefused() throws {
    let folder = try temporaryFolder()
    let base = try TrainingRecipe.named("nnUNetTrainerV2_PlainConvUNet")
    for (option, isKnown) in [
      (#""activation": "relu""#, true), (#""normalization": "batch""#, false),
      (#""headsHaveBias": true"#, false), (#""baseFeatures": 8"#, false),
    ] {
      let file = folder.appending(path: "recipe.json")
      try Data(#"{"network": {\#(option)}}"#.utf8).write(to: file)
      if isKnown {
        #expect(try TrainingRecipe(contentsOf: file, base: base).network.activation == .relu)
      } else {
        #expect(throws: TrainingError.self) { try TrainingRecipe(contentsOf: file, base: base) }
      }
    }
  }

  /// Outputs that overlap are trained with sigmoids, validated and predicted from the model folder.
  @Test func regionsAreTrainedValidatedAndPredicted() throws {
    let task = try TinyTask()
    let setup = try task.setup(epochs: 3) {
      $0.iterationsPerEpoch = 40
      $0.regions = [
        LabelRegion(name: "whole", labels: [1], exportedAs: 1),
        LabelRegion(name: "ball", labels: [1], exportedAs: 1),
      ]
      $0.loss = .sum(.regionDice(smoothing: 0), .binaryCrossEntropy)
    }
    #expect(setup.network.outputChannels == 2)
    var session = TrainingSession(setup: setup)
    session.validation = FinalValidation(setup: setup, threads: 1)
    try session.run(reporter: SilentReporter())
    let summary = try JSONFile.read(
      SegmentationSummary.self,
      from: setup.foldFolder.validationFolder(named: "validation_raw")
        .appending(path: "summary.json"))
    let dice = try #require(summary.means[1]?[.dice])
    #expect(dice > 0.5, "a bright ball is found: \(dice)")
    let table = try String(
      contentsOf: setup.foldFolder.validationFolder(named: "validation_raw")
        .appending(path: "summary.csv"), encoding: .utf8)
    #expect(table.contains("mean,\(String(format: "%.4f,%.4f", dice, dice))\n"))
    let settings = try #require(try ModelSettings.read(from: setup.modelFolder))
    #expect(settings.regionsClassOrder == [1, 1])
    let labels = try NIfTIFile.readLabels(
      at: setup.foldFolder.validationFolder(named: "validation_raw")
        .appending(path: setup.split.validation[0] + ".nii.gz"))
    #expect(Set(labels.labels.scalars) == [0, 1])
  }

  @Test func trainersAndPlansMustFit() throws {
    let residual = try TinyTask(isResidual: true)
    #expect(
      throws: TrainingError.plansOfOtherNetwork(
        trainer: "nnUNetTrainerV2", plans: "nnUNetPlansv2.1")
    ) { try residual.setup() }
    let plain = try TinyTask()
    #expect(throws: TrainingError.self) {
      try plain.setup { $0.network.architecture = .residual }
    }
  }
}
