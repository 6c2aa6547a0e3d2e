import Arrays
import Foundation
import Networks
import Plans
import TestSupport
import Testing
import Torch

@testable import ModelExchange

/// What is written for nnU-Net v2 is read back unchanged; `Tools/prove-v2-exchange` reads it with
/// Python.
@Suite struct V2ExportTests {
  private struct Names: Decodable {
    var parameters: [String]
    var state: [String]
  }

  /// The lists are PyTorch's own, see `generate_v2_names.py`.
  @Test(arguments: [DynamicUNetConfiguration.Encoder.plain, .residual])
  func hasTheNamesOfV2(encoder: DynamicUNetConfiguration.Encoder) throws {
    let names = try #require(
      try JSONDecoder().decode(
        [String: Names].self, from: Data(contentsOf: fixtureURL("networks/v2-names.json")))[
          encoder.rawValue])
    let rank = encoder == .plain ? 2 : 3
    let network = DynamicUNetConfiguration(
      encoder: encoder, inputChannels: 1, outputChannels: 3, features: [4, 8, 8],
      kernels: Array(repeating: Array(repeating: 3, count: rank), count: 3),
      strides: [1, 2, 2].map { Array(repeating: $0, count: rank) },
      encoderBlocks: encoder == .plain ? [2, 1, 2] : [1, 2, 1], decoderConvolutions: [2, 1])
    let parameters = try TrainableNetwork(.dynamicUNet(network), seed: 1, on: .cpu).parameters.names
    #expect(parameters == names.parameters)
    #expect(V2StateNames(parameters: parameters).all.map(\.name) == names.state)
  }

  @Test func plansAndDatasetAreReadAsTheyWere() throws {
    let folder = try temporaryFolder().appending(
      path: "nnUNetTrainer__nnUNetPlans_forV2__3d_fullres")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let description = try describe()
    #expect(description.folderName(trainer: "nnUNetTrainer") == folder.lastPathComponent)
    #expect(try description.write(to: folder).last == "plans.json")
    let model = try V2Model(folder: folder)
    #expect(try model.network() == description.network)
    #expect(model.dataset.foregroundLabels == [1, 2])
    #expect(model.dataset.channelNames == [0: "CT", 1: "MRI"])
    #expect(model.plans.transposeForward == [1, 0, 2])
    let configuration = model.configuration
    #expect(configuration.preprocessor == "DefaultPreprocessor")
    #expect(configuration.patchSize == [8, 8, 8] && configuration.spacing == [2, 1.5, 1.5])
    #expect(
      configuration.normalizationSchemes == ["CTNormalization", "ZScoreNormalization"])
    #expect(configuration.usesMaskForNormalization == [false, true])
    #expect(configuration.dataArguments?.order == 3 && configuration.labelArguments?.order == 1)
    #expect(model.plans.intensities?[0]?.percentile99p5 == 5)
    // Statistics of a channel that does not need them are not invented.
    #expect(model.plans.intensities?[1] == nil)
    let text = try String(
      contentsOf: folder.appending(path: "plans.json"), encoding: .utf8)
    for part in [
      #""dataset_name": "Dataset004_Tiny""#, #""plans_name": "nnUNetPlans_forV2""#,
      #""data_identifier": "nnUNetPlans_forV2_3d_fullres""#, #""force_separate_z": null"#,
      #""batch_dice": true"#, #""label_manager": "LabelManager""#, #""1": {}"#,
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func regionsKeepTheirOrder() throws {
    let folder = try temporaryFolder().appending(path: "a__b__3d_fullres")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let labels = [("whole", [1, 2]), ("ignore", [1]), ("core", [2])]
    let description = try describe(
      labels: labels.map { V2Description.Label(name: $0.0, values: $0.1) }, order: [1, 2, 2])
    _ = try description.write(to: folder)
    let model = try V2Model(folder: folder)
    #expect(model.dataset.scheme == .regions(classOrder: [1, 2, 2]))
    #expect(try model.network().outputChannels == 3)
    // A key of this name would be v2's ignore label.
    #expect(description.labels.map(\.name) == ["whole", "ignore_1", "core"])
    let text = String(decoding: description.datasetValue.json, as: UTF8.self)
    let places = try ["whole", "ignore_1", "core"].map { try #require(text.range(of: $0)) }
    #expect(places.map(\.lowerBound) == places.map(\.lowerBound).sorted())
  }

  @Test func checkpointsHoldAllThatTrainingGoesOnFrom() throws {
    let file = try temporaryFolder().appending(path: "checkpoint_final.pth")
    let description = try describe()
    let network = try TrainableNetwork(.dynamicUNet(description.network), seed: 3, on: .cpu)
    let weights = try network.weights()
    var checkpoint = V2Checkpoint(
      model: description, trainer: "nnUNetTrainer", fold: 3, weights: weights)
    checkpoint.momentum = [
      NamedArray(
        name: weights[2].name,
        array: DenseArray(shape: weights[2].array.shape, filledWith: 9))
    ]
    checkpoint.mirrorAxes = [0, 2]
    checkpoint.trainingLosses = [1, 0.5, 0.25]
    checkpoint.validationLosses = [2, 1, 0.5]
    checkpoint.learningRates = [0.01, 0.009, 0.008]
    checkpoint.foregroundDice = [0.5, .nan, 1]
    try checkpoint.write(to: file)

    let read = try V2Model.checkpoint(contentsOf: file)
    #expect(read.weights == weights)
    #expect(read.mirrorAxes == [0, 2] && read.trainer == "nnUNetTrainer")
    let value = try TorchFile(contentsOf: file).value
    #expect(value["current_epoch"]?.integer == 3)
    #expect(value["init_args"]?["fold"]?.integer == 3)
    #expect(value["init_args"]?["configuration"]?.string == "3d_fullres")
    #expect(value["init_args"]?["plans"]?["dataset_name"]?.string == "Dataset004_Tiny")
    let averages = try #require(value["logging"]?["ema_fg_dice"]?.elements?.map(\.number))
    #expect(zip(averages, [0.5, 0.5, 0.55]).allSatisfy { abs($0! - $1) < 1e-12 })
    #expect(abs(try #require(value["_best_ema"]?.number) - 0.55) < 1e-12)
    for key in ["dice_per_class_or_region", "lrs", "epoch_end_timestamps", "val_losses"] {
      #expect(value["logging"]?[key]?.elements?.count == 3, "\(key)")
    }
    let optimizer = try #require(value["optimizer_state"])
    #expect(optimizer["state"]?.entries?.map(\.key.integer) == [2])
    let group = try #require(optimizer["param_groups"]?.elements?.first)
    #expect(group["params"]?.elements?.count == weights.count)
    #expect(group["lr"]?.number == 0.008)
  }

  @Test func refusesWhatV2DoesNotKnow() throws {
    func expectRefusal(_ part: String, _ body: () throws -> V2Description) {
      let error = #expect(throws: ExchangeError.self) { _ = try body() }
      guard case .unknownToV2(_, let detail)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(detail.contains(part))
      #expect(error?.hint?.contains("ExperimentPlanner3D_v21_forV2") == true)
    }
    var older = plans
    older.preprocessorName = ExperimentPlans.preprocessor3D
    older.convention = .v1
    expectRefusal("GenericPreprocessor") { try describe(plans: older) }
    var resampled = plans
    resampled.exportParameters = SegmentationExportParameters(
      interpolationOrder: 0, interpolationOrderZ: 0)
    expectRefusal("probabilities") { try describe(plans: resampled) }
    var ct2 = plans
    ct2.normalizationSchemes[1] = .ct2
    expectRefusal("CT2") { try describe(plans: ct2) }
    expectRefusal("v1") {
      try describe(
        architecture: .genericUNet(UNetConfiguration(plans: plans, stage: plans.stages[0]!)))
    }
    expectRefusal("labels") { try describe(labels: [.init(name: "a", values: [2])]) }
  }

  /// v2 looks for both networks of a cascade in the plans of each.
  @Test func plansOfTwoStagesHoldACascade() throws {
    let folder = try temporaryFolder().appending(path: "a__b__3d_cascade_fullres")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var plans = plans
    let full = try #require(plans.stages[0])
    var low = full
    low.spacing = [4, 3, 3]
    plans.stages = [0: low, 1: full]
    let network = DynamicUNetConfiguration(
      .plain, plans: plans, stage: full, inputChannels: 4, outputChannels: 3)
    let description = try describe(
      plans: plans, architecture: .dynamicUNet(network), configuration: .cascade, stage: full)
    _ = try description.write(to: folder)
    let model = try V2Model(folder: folder)
    // The labels of the first network are two more channels.
    #expect(try model.network() == network)
    #expect(model.configuration.previousStage == "3d_lowres")
    #expect(model.configuration.spacing == [2, 1.5, 1.5])
    let first = try model.plans.configuration(named: "3d_lowres", path: "")
    #expect(first.spacing == [4, 3, 3] && first.previousStage == nil)
    let text = try String(contentsOf: folder.appending(path: "plans.json"), encoding: .utf8)
    #expect(text.contains(#""next_stage": "3d_cascade_fullres""#))
  }

  private func describe(
    plans: ExperimentPlans? = nil, architecture: NetworkArchitecture? = nil,
    configuration: Configuration = .fullResolution,
    labels: [V2Description.Label] = [.init(name: "a", values: [1]), .init(name: "b", values: [2])],
    order: [Int]? = nil, stage: StagePlan? = nil
  ) throws -> V2Description {
    let plans = plans ?? self.plans
    let stage = try #require(stage ?? plans.stages[0])
    return try V2Description(
      task: "Task004_Tiny", plansName: "nnUNetPlans_forV2", configuration: configuration,
      plans: plans, stage: stage,
      architecture: architecture
        ?? .dynamicUNet(
          DynamicUNetConfiguration(
            .residual, plans: plans, stage: stage, inputChannels: 2,
            outputChannels: order?.count ?? 3)),
      sumsDiceOverBatch: true, labels: labels, regionsClassOrder: order, model: "model")
  }

  private var plans: ExperimentPlans {
    ExperimentPlans(
      stages: [0: ExportFixture.stage], channelNames: [0: "CT", 1: "MRI"],
      normalizationSchemes: [0: .ct, 1: .zScore],
      fingerprint: ExportFixture.fingerprint(channels: [0: "CT", 1: "MRI"]), baseFeatureCount: 4,
      usesMaskForNormalization: [0: false, 1: true], transposeForward: [1, 0, 2],
      transposeBackward: [1, 0, 2], dataIdentifier: "nnUNetPlans_forV2_3D",
      preprocessorName: ExperimentPlans.preprocessorV2, convolutionsPerStage: 2)
  }
}
