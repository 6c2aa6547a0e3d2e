import Arrays
import Foundation
import HostSystem
import Imaging
import Inference
import JSON
import Plans
import TestSupport
import Testing
import Torch
import TrainedModels

@testable import Training

/// The final validation of a training and `nnUNet_predict` are two callers of one prediction.
@Suite(.serialized) struct ValidationPredictionTests {
  /// What is predicted: both conventions, outputs that are labels or regions, and cascades.
  struct Kind: CustomTestStringConvertible, Sendable {
    var convention = ProcessingConvention.v1
    var areRegions = false
    var isCascade = false

    var testDescription: String {
      "\(convention.rawValue)\(areRegions ? ", regions" : "")\(isCascade ? ", cascade" : "")"
    }

    var makesProbabilities: Bool { InferenceConvention(convention).makesProbabilities }

    static let all = ProcessingConvention.allCases.flatMap { convention in
      [
        Kind(convention: convention), Kind(convention: convention, areRegions: true),
        Kind(convention: convention, isCascade: true),
      ]
    }
  }

  /// Neither order is the usual one, and an axis is resampled by itself though none is thick.
  private static let export = SegmentationExportParameters(
    forcesSeparateZ: true, interpolationOrder: 0, interpolationOrderZ: 1)

  @Test(arguments: Kind.all)
  func validationMakesTheFilesOfThePrediction(_ kind: Kind) throws {
    let task = try ResampledTask(
      stages: kind.isCascade ? 2 : 1, convention: kind.convention, export: Self.export)
    let setup = try setup(of: task, kind)
    var session = TrainingSession(setup: setup)
    session.postprocessesFold = false
    var validation = FinalValidation(setup: setup, threads: 2)
    validation.options.savesProbabilities = kind.makesProbabilities
    session.validation = validation
    try session.run(reporter: SilentReporter())
    let predicted = try predict(with: setup, of: task, kind)
    #expect(try validated(setup) == predicted)
    #expect(predicted.count == setup.split.validation.count * (kind.makesProbabilities ? 2 : 1))
    for identifier in setup.split.validation {
      let labels = try NIfTIFile.readLabels(
        at: setup.foldFolder.validationFolder(named: "validation_raw")
          .appending(path: identifier + ".nii.gz"))
      #expect(Set(labels.labels.scalars).count > 1, "\(identifier) says something")
    }

    // The export may be changed in the model's plans, for both.
    let file = setup.modelFolder.appending(path: TrainedModel.plansFile)
    var plans = try JSONFile.read(ExperimentPlans.self, from: file)
    #expect(plans.exportParameters == Self.export)
    plans.exportParameters = nil
    try JSONFile.write(plans, to: file)
    session.start = .validationOnly(.final)
    // Sums in a file are the sums in memory.
    session.validation?.options.memoryForSums = 1
    try session.run(reporter: SilentReporter())
    let usual = try predict(with: setup, of: task, kind)
    #expect(try validated(setup) == usual)
    for (name, data) in usual { #expect(data != predicted[name], "\(name) depends on the export") }
  }

  @Test func plansWithAnUnknownExportAreNotTrained() throws {
    let task = try ResampledTask(
      stages: 1, convention: .v1,
      export: SegmentationExportParameters(interpolationOrder: 3, interpolationOrderZ: 0))
    let setup = try setup(of: task, Kind())
    #expect(throws: InferenceError.unsupportedExport(plans: setup.plansFile.path, order: 3)) {
      try TrainingSession(setup: setup).run(reporter: SilentReporter())
    }
    #expect(!FileManager.default.fileExists(atPath: setup.modelFolder.path))
  }

  private func setup(of task: ResampledTask, _ kind: Kind) throws -> TrainingSetup {
    try task.setup(configuration: kind.isCascade ? .cascade : .fullResolution) {
      guard kind.areRegions else { return }
      // Sigmoids take longer to leave one side of the threshold.
      $0.iterationsPerEpoch = 40
      $0.regions = [
        LabelRegion(name: "whole", labels: [1, 2], exportedAs: 1),
        LabelRegion(name: "core", labels: [2], exportedAs: 2),
      ]
      $0.loss = .sum(.regionDice(smoothing: 0), .binaryCrossEntropy)
    }
  }

  /// The files of the validation cases as `nnUNet_predict` makes them.
  private func predict(
    with setup: TrainingSetup, of task: ResampledTask, _ kind: Kind
  ) throws -> [String: Data] {
    let output = try temporaryFolder().appending(path: "output")
    var prediction = FolderPrediction(
      model: try TrainedModel(folder: setup.modelFolder, configuration: setup.configuration),
      input: task.images, output: output)
    prediction.folds = .numbers([0])
    prediction.options.savesProbabilities = kind.makesProbabilities
    prediction.skipped = Set(setup.preparedCases).subtracting(setup.split.validation)
    if kind.isCascade { prediction.previousFolder = task.previous }
    try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: SilentReporter())
    return try files(in: output)
  }

  private func validated(_ setup: TrainingSetup) throws -> [String: Data] {
    try files(in: setup.foldFolder.validationFolder(named: "validation_raw"))
  }

  /// Segmentations and probabilities; properties name the folder of the images.
  private func files(in folder: URL) throws -> [String: Data] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".nii.gz") || $0.hasSuffix(".npz") }
      .reduce(into: [:]) { $0[$1] = try Data(contentsOf: folder.appending(path: $1)) }
  }
}
