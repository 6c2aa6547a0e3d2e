import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Inference
import Networks
import Plans
import TestSupport
import Testing

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
