import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Inference
import JSON
import Networks
import Plans
import Preprocessing
import TestSupport
import Testing
import Torch

@testable import TrainedModels

@Suite struct TrainedModelTests {
  @Test func findsCheckpointsOfNamedFolds() throws {
    let folder = try makeModel(folds: ["fold_0", "fold_2", "all"])
    let model = try TrainedModel(folder: folder, configuration: .fullResolution)
    let found = try model.checkpoints(of: .numbers([2, 0, 2]), named: "model_final_checkpoint")
    #expect(found.map(\.path) == ["fold_0", "fold_2"].map { checkpoint(folder, $0).path })
    #expect(
      try model.checkpoints(of: .trainedOnAll, named: "model_final_checkpoint")
        == [checkpoint(folder, "all")])
    #expect(throws: TrainedModelError.noCheckpoints([checkpoint(folder, "fold_1").path])) {
      try model.checkpoints(of: .numbers([0, 1]), named: "model_final_checkpoint")
    }
    #expect(throws: TrainedModelError.self) {
      try model.checkpoints(of: .numbers([0]), named: "model_best")
    }
  }

  @Test func usesTheFoldsThatHaveTheCheckpoint() throws {
    let folder = try makeModel(folds: ["fold_1", "fold_3", "all"])
    try makeFolder(at: folder.appending(path: "fold_0"))
    let model = try TrainedModel(folder: folder, configuration: .fullResolution)
    let reporter = CollectingReporter()
    let found = try model.checkpoints(
      of: .allTrained, named: "model_final_checkpoint", reporter: reporter)
    #expect(found.map(\.path) == ["fold_1", "fold_3"].map { checkpoint(folder, $0).path })
    #expect(reporter.warnings.count == 1)
    #expect(reporter.warnings.first?.contains("fold_0") == true)
  }

  @Test func explainsWhatIsMissing() throws {
    let absent = try temporaryFolder().appending(path: "absent")
    #expect(throws: TrainedModelError.noModel(path: absent.path)) {
      try TrainedModel(folder: absent, configuration: .fullResolution)
    }
    #expect(throws: FileError.self) {
      try TrainedModel(folder: temporaryFolder(), configuration: .fullResolution)
    }
    let folder = try makeModel(folds: ["all"])
    let plans = folder.appending(path: "plans.json").path
    #expect(throws: TrainedModelError.noSuchNetwork(plans: plans, configuration: .lowResolution)) {
      try TrainedModel(folder: folder, configuration: .lowResolution)
    }
    let model = try TrainedModel(folder: folder, configuration: .fullResolution)
    #expect(throws: TrainedModelError.self) {
      try model.checkpoints(of: .allTrained, named: "model_final_checkpoint")
    }
  }

  /// The whole way with a real, tiny network: two folds, one case predicted, one skipped because it
  /// exists, one refused because a channel is missing.
  @Test func predictsAFolder() throws {
    let folder = try makeModel(folds: ["fold_0", "fold_1"])
    let input = try temporaryFolder()
    let output = try temporaryFolder().appending(path: "new/predictions")
    let geometry = Geometry(spacing: [1, 1, 2], origin: [3, 4, 5])
    var random = StreamRandom(seed: 5, stream: 1)
    let voxels = DenseArray(
      shape: [10, 20, 30], scalars: (0..<6000).map { _ in Float.random(in: 1...9, using: &random) })
    for name in ["new_0000", "new_0001", "old_0000", "old_0001", "missing_0000"] {
      try NIfTIFile.write(
        Volume(voxels: voxels, geometry: geometry), to: input.appending(path: "\(name).nii.gz"))
    }
    try makeFolder(at: output)
    let old = output.appending(path: "old.nii.gz")
    try Data("here already".utf8).write(to: old)

    let prediction = FolderPrediction(
      model: try TrainedModel(folder: folder, configuration: .fullResolution), input: input,
      output: output)
    let reporter = CollectingReporter()
    let error = #expect(throws: InferenceError.self) {
      try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: reporter)
    }
    let channels = reporter.warnings.filter {
      $0.contains("the model expects 2 channels, 1 of 3 cases")
    }
    #expect(channels.count == 1 && channels[0].contains("1 case with 1 channel (missing)"))
    #expect(reporter.warningsBeforeWork.contains(channels.first ?? "none"))
    guard case .casesFailed(let problems, of: 3) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problems.map(\.identifier) == ["missing"])
    #expect(reporter.warnings.count { $0.contains("missing cannot be predicted") } == 1)
    // The next member of an ensemble counts the cases that failed with this one, but does not
    // report them again.
    var second = prediction
    second.output = try temporaryFolder()
    second.failedBefore = problems
    let heard = CollectingReporter()
    #expect(throws: InferenceError.casesFailed(problems, of: 3)) {
      try second.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: heard)
    }
    #expect(!heard.warnings.contains { $0.contains("cannot be predicted") }, "\(heard.warnings)")
    #expect(fileExists(second.output.appending(path: "new.nii.gz")))
    #expect(try Data(contentsOf: old) == Data("here already".utf8))
    let segmentation = try NIfTIFile.readLabels(at: output.appending(path: "new.nii.gz"))
    #expect(segmentation.labels.shape == [10, 20, 30])
    expectClose(segmentation.geometry.origin, geometry.origin, absolute: 1e-6)
    #expect(Set(segmentation.labels.scalars) == [0, 1, 2])
    let expected = try foldByFold(prediction.model, input: input)
    let different = zip(segmentation.labels.scalars, expected.scalars).count { $0 != $1 }
    // Folds are summed in another order here; a tie may be decided either way.
    #expect(different <= 6)
    #expect(
      try JSONFile.read(ExperimentPlans.self, from: output.appending(path: "plans.json")) == plans)
  }

  /// An empty file from a full disk or another program is not a segmentation.
  @Test func emptyFilesAreNotPredicted() throws {
    let output = try temporaryFolder()
    let prediction = FolderPrediction(
      model: try TrainedModel(
        folder: try makeModel(folds: ["fold_0"]), configuration: .fullResolution),
      input: output, output: output)
    let file = output.appending(path: "case.nii.gz")
    #expect(!prediction.isPredicted("case"))
    try Data().write(to: file)
    #expect(!prediction.isPredicted("case"))
    try FileManager.default.removeItem(at: file)
    try makeFolder(at: file)
    #expect(!prediction.isPredicted("case"))
    try FileManager.default.removeItem(at: file)
    try Data([1]).write(to: file)
    #expect(prediction.isPredicted("case"))
  }

  /// A postprocessing that was determined with folds that have been retrained is not applied.
  @Test func aPostprocessingOfOtherFoldsIsRefusedOrNamed() throws {
    let folder = try makeModel(folds: ["fold_0", "fold_1"])
    let model = try TrainedModel(folder: folder, configuration: .fullResolution)
    let file = folder.appending(path: Postprocessing.fileName)
    var decision = Postprocessing(groups: [.label(1)])
    for fold in [0, 1] {
      decision.foldMarks["fold_\(fold)"] = try FoldMark.read(ofFold: fold, in: folder)
    }
    #expect(Set(decision.foldMarks.values).count == 2)
    try JSONFile.write(decision, to: file)
    func found(_ folds: [String], accepts: Bool, _ reporter: CollectingReporter) throws
      -> Postprocessing?
    {
      try model.postprocessing(
        for: folds.map { checkpoint(folder, $0) }, acceptsDifferences: accepts, reporter: reporter)
    }
    let silent = CollectingReporter()
    #expect(try found(["fold_0", "fold_1"], accepts: false, silent) == decision)
    #expect(try found(["fold_1"], accepts: false, silent) == decision)
    #expect(silent.warnings == [])
    // A fold that is not one of them also predicts.
    let added = CollectingReporter()
    #expect(try found(["fold_0", "fold_2"], accepts: false, added) == decision)
    #expect(added.warnings.count == 1 && added.warnings[0].contains("not with fold_2"))

    // One fold is retrained: only its weights differ.
    let old = try SafetensorsFile(contentsOf: checkpoint(folder, "fold_1"))
    var arrays = old.arrays
    arrays[arrays.count - 2].array.scalars[0] += 1
    try SafetensorsFile(metadata: old.metadata, arrays: arrays).write(
      to: checkpoint(folder, "fold_1"))
    let stale = TrainedModelError.stalePostprocessing(file: file.path, folds: ["fold_1"])
    // Even if other folds predict: the decision is based on this one.
    for folds in [["fold_0", "fold_1"], ["fold_0"]] {
      #expect(throws: stale) { try found(folds, accepts: false, silent) }
    }
    let output = try temporaryFolder().appending(path: "out")
    let prediction = FolderPrediction(model: model, input: folder, output: output)
    #expect(throws: stale) {
      try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: silent)
    }
    #expect(!fileExists(output), "nothing is written before")
    let heard = CollectingReporter()
    #expect(try found(["fold_0"], accepts: true, heard) == decision)
    #expect(heard.warnings == [stale.message])
    // Files of v1 do not say what they were determined with.
    try JSONFile.write(decision.withoutFoldMarks, to: file)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(!text.contains("fold_marks"))
    #expect(try found(["fold_0", "fold_1"], accepts: false, silent)?.groups == [.label(1)])
  }

  /// Outputs that do not fit into labels of eight bits are refused when the model is opened.
  @Test func labelsThatCannotBeWrittenAreRefused() throws {
    let folder = try makeModel(folds: ["fold_0"])
    func open() throws { _ = try TrainedModel(folder: folder, configuration: .fullResolution) }
    try open()
    let scheme = folder.appending(path: LabelScheme.fileName)
    try JSONFile.write(LabelScheme(regionsClassOrder: [1, 255]), to: scheme)
    try open()
    let text = try String(contentsOf: scheme, encoding: .utf8)
    for label in ["256", "-1", "9223372036854775807"] {
      try Data(text.replacingOccurrences(of: "255", with: label).utf8).write(to: scheme)
      let error = #expect(throws: JSONError.self, "\(label)") { try open() }
      #expect(error?.message.contains("0...255") == true, "\(error?.message ?? "")")
    }
    try FileManager.default.removeItem(at: scheme)
    // What the trainer says about regions, if no file does.
    let network = UNetConfiguration(plans: plans, stage: try #require(plans.stages[0]))
    for (label, fits) in [(255, true), (256, false)] {
      try ModelSettings(
        network: .genericUNet(network), mirrorAxes: nil, regionsClassOrder: [1, label]
      ).write(to: folder)
      if fits {
        try open()
      } else {
        #expect(throws: TrainedModelError.impossibleLabels(model: folder.path, outputs: 2)) {
          try open()
        }
      }
    }
    // Axes that the network does not have ended the program when tiles were mirrored.
    for (axes, fits) in [([0, 2], true), ([3], false), ([-1], false), ([1, 1], false)] {
      try ModelSettings(
        network: .genericUNet(network), mirrorAxes: axes, regionsClassOrder: nil
      ).write(to: folder)
      if fits {
        try open()
      } else {
        let error = #expect(throws: JSONError.self, "\(axes)") { try open() }
        #expect(error?.message.contains("mirrorAxes") == true, "\(error?.message ?? "")")
      }
    }
    try FileManager.default.removeItem(at: folder.appending(path: ModelSettings.fileName))
    // 256 labels besides the background.
    var many = plans
    many.foregroundLabels = Array(1...256)
    many.foregroundLabelCount = 256
    try JSONFile.write(many, to: folder.appending(path: "plans.json"))
    let error = #expect(throws: JSONError.self) { try open() }
    #expect(error?.message.contains("1 to 255") == true, "\(error?.message ?? "")")
  }

  /// The mean of the folds' probabilities for the case `new`, each fold predicted alone.
  private func foldByFold(_ model: TrainedModel, input: URL) throws -> DenseArray<UInt8> {
    let prepared = try model.preprocessor().preprocessTestCase(
      imageFiles: [0, 1].map { input.appending(path: "new_000\($0).nii.gz") })
    let predictors = try model.predictors(
      checkpoints: ["fold_0", "fold_1"].map { checkpoint(model.folder, $0) },
      rules: model.predictionRules(), on: .cpu, precision: .float32)
    let folds = try predictors.map {
      try VolumePredictor(patchSize: [8, 8, 8]).probabilities(of: prepared.data, using: [$0])
    }
    #expect(folds[0] != folds[1])
    let mean = DenseArray(
      shape: folds[0].shape,
      scalars: zip(folds[0].scalars, folds[1].scalars).map { ($0 + $1) / 2 })
    return SegmentationExport(transposeBackward: [0, 1, 2]).segmentation(
      from: mean, properties: prepared.properties
    ).labels
  }

  /// Subtracts each label's mean weight from a head, so that no label wins everywhere.
  private func centred(_ weight: NamedArray) -> NamedArray {
    guard weight.name.hasPrefix("seg_outputs") else { return weight }
    var result = weight
    let features = weight.array.shape[1]
    for label in 0..<weight.array.shape[0] {
      let range = label * features..<(label + 1) * features
      let mean = weight.array.scalars[range].reduce(0, +) / Float(features)
      for index in range { result.array.scalars[index] -= mean }
    }
    return result
  }

  private func checkpoint(_ folder: URL, _ fold: String) -> URL {
    folder.appending(path: fold).appending(path: "model_final_checkpoint.safetensors")
  }

  /// A model folder whose folds have networks with different random weights.
  private func makeModel(folds: [String]) throws -> URL {
    let folder = try temporaryFolder().appending(path: "nnUNetTrainerV2__nnUNetPlansv2.1")
    try makeFolder(at: folder)
    try JSONFile.write(plans, to: folder.appending(path: "plans.json"))
    let stage = try #require(plans.stages[0])
    for (index, fold) in folds.enumerated() {
      try makeFolder(at: folder.appending(path: fold))
      let network = try TrainableNetwork(
        UNetConfiguration(plans: plans, stage: stage), seed: UInt64(index), on: .cpu)
      // Additions of the training to the weights must not matter.
      let momentum = NamedArray(
        name: "momentum/tu.0.weight", array: DenseArray(shape: [1], filledWith: 0))
      try SafetensorsFile(
        metadata: ["training": "{}"], arrays: try network.weights().map(centred) + [momentum]
      ).write(to: checkpoint(folder, fold))
    }
    return folder
  }

  private var plans: ExperimentPlans {
    let stage = StagePlan(
      batchSize: 2, poolCounts: [1, 1, 1], patchSize: [8, 8, 8], medianSize: [8, 8, 8],
      spacing: [2, 1.5, 1.5], originalSpacing: [2, 1.5, 1.5], usesDummy2DAugmentation: false,
      poolStrides: [[2, 2, 2]], convolutionKernels: [[3, 3, 3], [3, 3, 3]])
    let fingerprint = DatasetFingerprint(
      sizes: [[8, 8, 8]], spacings: [[2, 1, 1]], foregroundLabels: [1, 2],
      channelNames: [0: "T1", 1: "T2"], intensities: nil, sizeReductions: ["a": 1])
    return ExperimentPlans(
      stages: [0: stage], channelNames: [0: "T1", 1: "T2"],
      normalizationSchemes: [0: .zScore, 1: .zScore], fingerprint: fingerprint,
      baseFeatureCount: 4, usesMaskForNormalization: [0: false, 1: false],
      transposeForward: [0, 1, 2], transposeBackward: [0, 1, 2],
      dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: "GenericPreprocessor",
      convolutionsPerStage: 2)
  }
}
