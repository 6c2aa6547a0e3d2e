public import Foundation
import HostSystem
package import Inference
import JSON
import ModelExchange
package import Networks
public import Plans
public import Preprocessing
package import Torch

/// The folder of a trained model: `plans.json` and, for each fold, a folder with checkpoints.
///
/// A folder of the Python nnU-Net v1 (`plans.pkl`, `.model` files) is read directly.
public struct TrainedModel: Sendable {
  /// `RESULTS_FOLDER/nnUNet/CONFIGURATION/TASK/TRAINER__PLANS`.
  package let folder: URL
  /// The kind of nnU-Net's networks, such as `3d_fullres`.
  public let configuration: Configuration
  /// The plans that the model was trained with.
  public let plans: ExperimentPlans
  /// The stage of the plans for the network.
  public let stage: Int
  package let stagePlan: StagePlan
  /// What the network's outputs mean.
  package let scheme: LabelScheme
  /// The origin of the model.
  package let source: ModelSource
  /// What packages added.
  public let extensions: ModelExtensions

  /// The name of the file with the plans that the model was trained with.
  package static let plansFile = "plans.json"
  /// The name of the file that determines which components of which labels are removed.
  package static let postprocessingFile = "postprocessing.json"

  /// Reads the plans of a model.
  ///
  /// - Parameters:
  ///   - folder: The model's folder.
  ///   - configuration: The network of the plans.
  ///   - extensions: What packages added.
  /// - Throws: `TrainedModelError` if there is no such model or its plans have no such network.
  public init(
    folder: URL, configuration: Configuration, extensions: ModelExtensions = ModelExtensions()
  ) throws {
    guard isFolder(folder) else { throw TrainedModelError.noModel(path: folder.path) }
    if V2Model.isModel(folder) {
      self = try TrainedModel(V2Model(folder: folder))
      return
    }
    self.folder = folder
    self.configuration = configuration
    self.extensions = extensions
    let file = Self.plansFile(in: folder)
    plans = try Self.plans(contentsOf: file)
    guard let stage = configuration.stage(ofStages: plans.stageCount),
      let stagePlan = plans.stages[stage]
    else {
      throw TrainedModelError.noSuchNetwork(plans: file.path, configuration: configuration)
    }
    self.stage = stage
    self.stagePlan = stagePlan
    source = try ModelSource(ofPlansIn: folder)
    let schemeFile = folder.appending(path: LabelScheme.fileName)
    scheme =
      fileExists(schemeFile)
      ? try JSONFile.read(LabelScheme.self, from: schemeFile)
      : LabelScheme(regionsClassOrder: source.regionsClassOrder)
    let outputs = scheme.outputCount(foregroundLabelCount: plans.foregroundLabelCount)
    guard scheme.fits(outputs) else {
      throw TrainedModelError.impossibleLabels(model: folder.path, outputs: outputs)
    }
  }

  /// The file with a model's plans: `plans.json`, or v1's `plans.pkl` if only that exists.
  package static func plansFile(in folder: URL) -> URL {
    let file = folder.appending(path: plansFile)
    let pickled = folder.appending(path: V1Model.plansFile)
    return !fileExists(file) && fileExists(pickled) ? pickled : file
  }

  /// Reads a file that `plansFile(in:)` named.
  public static func plans(contentsOf file: URL) throws -> ExperimentPlans {
    file.lastPathComponent == V1Model.plansFile
      ? try V1Model.plans(contentsOf: file) : try JSONFile.read(ExperimentPlans.self, from: file)
  }

  /// Wraps a model of v2.
  init(_ model: V2Model) throws {
    (folder, source, scheme) = (model.folder, .v2(model), model.dataset.scheme)
    extensions = ModelExtensions()
    configuration = model.kind
    stagePlan = try model.stagePlan()
    stage = 0
    plans = try model.experimentPlans(stage: stagePlan)
  }

  /// Loads one network per checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoints: The files.
  ///   - rules: The model's ``predictionRules()``.
  ///   - device: The device for the networks.
  ///   - precision: The precision of convolutions.
  ///   - options: Whether predictions are averaged over mirrored tiles.
  /// - Returns: The networks, in the order of their checkpoints.
  /// - Throws: `FileError`, `CheckpointError` or `ExchangeError` for a checkpoint that is damaged
  ///   or belongs to another network, and `TorchError.outOfMemory(detail:)`.
  package func predictors(
    checkpoints: [URL], rules: PredictionRules, on device: Device, precision: Precision,
    options: PredictionOptions = PredictionOptions()
  ) throws -> [NetworkTilePredictor] {
    try networks(checkpoints: checkpoints, on: device).map { loaded in
      rules.tilePredictor(
        loaded.network.network, on: device, mirrorAxes: loaded.mirrorAxes, precision: precision,
        options: options)
    }
  }

  /// How outputs of the model's networks become a segmentation.
  package var convention: InferenceConvention { InferenceConvention(plans.convention) }

  /// The model's rules for predicting with its networks.
  ///
  /// - Throws: `InferenceError.unsupportedExport(plans:order:)`, `ExchangeError`.
  package func predictionRules() throws -> PredictionRules {
    var rules = try PredictionRules(
      plans: plans, stage: stagePlan, scheme: scheme, file: Self.plansFile(in: folder))
    if case .v2(let model) = source { rules.resampling = try model.exportRule() }
    return rules
  }

  /// A network with the weights of a checkpoint.
  package struct LoadedNetwork {
    package var network: TrainableNetwork
    /// The spatial axes that may be mirrored; nil for all.
    package var mirrorAxes: [Int]?
  }

  /// Loads one network per checkpoint.
  package func networks(checkpoints: [URL], on device: Device) throws -> [LoadedNetwork] {
    let (network, mirrorAxes): (NetworkArchitecture, [Int]?)
    switch source {
    case .own(let settings):
      network = settings?.network ?? .genericUNet(plannedNetwork())
      mirrorAxes = settings?.mirrorAxes
    case .v1(let trainer):
      guard let changed = trainer.changed(UNetConfiguration(plans: plans, stage: stagePlan)) else {
        throw ExchangeError.unsupportedNetwork(
          path: folder.path, detail: "its plans describe a network other than its trainer's")
      }
      network = .genericUNet(plannedNetwork(changed))
      mirrorAxes = trainer.mirrors ? nil : []
    case .v2(let model): return try model.networks(checkpoints: checkpoints, on: device)
    }
    return try checkpoints.map { url in
      let trainable = try TrainableNetwork(
        network, seed: 0, on: device, table: extensions.networks)
      let names = Set(trainable.parameters.state.map(\.name))
      try trainable.load(weights(contentsOf: url, where: names.contains))
      return LoadedNetwork(network: trainable, mirrorAxes: mirrorAxes)
    }
  }

  /// The network of the plans, with its channels in this model.
  private func plannedNetwork(_ changed: UNetConfiguration? = nil) -> UNetConfiguration {
    var network = changed ?? UNetConfiguration(plans: plans, stage: stagePlan)
    network.outputChannels = scheme.outputCount(
      foregroundLabelCount: plans.foregroundLabelCount)
    // The second network of a cascade sees the labels of the first as channels.
    if configuration == .cascade { network.inputChannels += plans.foregroundLabelCount }
    return network
  }

  /// The weights of a checkpoint of this program or of the Python nnU-Net v1.
  private func weights(
    contentsOf url: URL, where isIncluded: (String) -> Bool
  ) throws -> [NamedArray] {
    guard url.pathExtension == V1Model.checkpointExtension else {
      return try SafetensorsFile(contentsOf: url, where: isIncluded).arrays
    }
    guard case .v1(let trainer) = source else { return try V1Model.weights(contentsOf: url) }
    return try V1Model.weights(contentsOf: url, of: trainer)
  }

  /// The preprocessor for the network's images.
  public func preprocessor() throws -> Preprocessor {
    if case .v2(let model) = source { return try model.preprocessor() }
    return try Preprocessor(plans: plans, stage: stage, table: extensions.preprocessing)
  }

  /// The configuration whose segmentations a cascade's network sees; nil for other networks.
  package var previousConfiguration: String? {
    guard configuration == .cascade else { return nil }
    if case .v2(let model) = source { return model.configuration.previousStage }
    return Plans.Configuration.lowResolution.rawValue
  }

  /// Copies the model's plans next to its segmentations.
  package func writePlans(to output: URL) throws {
    guard case .v2 = source else {
      return try JSONFile.write(plans, to: output.appending(path: Self.plansFile))
    }
    for name in [V2Model.plansFile, V2Model.datasetFile] {
      let text = try Data(contentsOf: folder.appending(path: name))
      try AtomicFile.write(text, to: output.appending(path: name))
    }
  }
}
