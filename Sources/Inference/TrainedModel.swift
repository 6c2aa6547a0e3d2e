public import Foundation
public import HostSystem
import ModelExchange
import Networks
public import Plans
public import Preprocessing
public import Torch

/// The folder of a trained model: `plans.json` and, for each fold, a folder with checkpoints.
///
/// A folder of the Python nnU-Net v1 (`plans.pkl`, `.model` files) is read as it is.
public struct TrainedModel: Sendable {
  /// `RESULTS_FOLDER/nnUNet/CONFIGURATION/TASK/TRAINER__PLANS`.
  public let folder: URL
  public let configuration: Configuration
  public let plans: ExperimentPlans
  /// The level of the plans that the network belongs to.
  public let stage: Int
  public let stagePlan: StagePlan
  /// What the network's outputs mean.
  public let scheme: LabelScheme
  /// The model as v2 describes it; nil for models of v1.
  let v2: V2Model?
  /// The trainer of a model of the Python nnU-Net v1; nil for others.
  let v1: V1Trainer?
  /// What packages have added.
  public let extensions: ModelExtensions

  /// The name of the file with the plans that the model was trained with.
  public static let plansFile = "plans.json"
  /// The name of the file that says which components of which labels are removed.
  public static let postprocessingFile = "postprocessing.json"

  /// Reads the plans of a model.
  ///
  /// - Parameters:
  ///   - folder: The model's folder.
  ///   - configuration: Which network of the plans it is.
  ///   - extensions: What packages have added.
  /// - Throws: ``InferenceError`` when there is no such model or its plans have no such network.
  public init(
    folder: URL, configuration: Configuration, extensions: ModelExtensions = ModelExtensions()
  ) throws {
    guard isFolder(folder) else { throw InferenceError.noModel(path: folder.path) }
    if V2Model.isModel(folder) {
      self = try TrainedModel(V2Model(folder: folder))
      return
    }
    self.folder = folder
    self.configuration = configuration
    self.extensions = extensions
    v2 = nil
    let file = Self.plansFile(in: folder)
    plans = try Self.plans(contentsOf: file)
    guard let stage = configuration.stage(ofStages: plans.stageCount),
      let stagePlan = plans.stages[stage]
    else {
      throw InferenceError.noSuchNetwork(plans: file.path, configuration: configuration)
    }
    self.stage = stage
    self.stagePlan = stagePlan
    let settings = try ModelSettings.read(from: folder)
    v1 = settings == nil ? try V1Model.trainer(ofModel: folder) : nil
    let schemeFile = folder.appending(path: LabelScheme.fileName)
    scheme =
      fileExists(schemeFile)
      ? try JSONFile.read(LabelScheme.self, from: schemeFile)
      : LabelScheme(
        regionsClassOrder: settings?.regionsClassOrder ?? v1?.regionsClassOrder)
    let outputs = scheme.outputCount(foregroundLabelCount: plans.foregroundLabelCount)
    guard scheme.fits(outputs) else {
      throw InferenceError.impossibleLabels(model: folder.path, outputs: outputs)
    }
  }

  /// The file with a model's plans: `plans.json`, or v1's `plans.pkl` where that alone is there.
  public static func plansFile(in folder: URL) -> URL {
    let file = folder.appending(path: plansFile)
    let pickled = folder.appending(path: V1Model.plansFile)
    return !fileExists(file) && fileExists(pickled) ? pickled : file
  }

  /// Reads a file that ``plansFile(in:)`` named.
  public static func plans(contentsOf file: URL) throws -> ExperimentPlans {
    file.lastPathComponent == V1Model.plansFile
      ? try V1Model.plans(contentsOf: file) : try JSONFile.read(ExperimentPlans.self, from: file)
  }

  /// Takes over a model of v2.
  init(_ model: V2Model) throws {
    (folder, v2, scheme) = (model.folder, model, model.dataset.scheme)
    v1 = nil
    extensions = ModelExtensions()
    configuration = model.kind
    plans = try model.experimentPlans()
    stage = 0
    stagePlan = plans.stages[0]!  // lint: made of one stage
  }

  /// Which of a model's folds predict together.
  public enum Folds: Hashable, Sendable {
    /// All folds of the cross-validation that have the checkpoint.
    case allTrained
    /// The network that was trained on all cases.
    case trainedOnAll
    case numbers([Int])
  }

  /// The checkpoints of folds, in ascending order.
  ///
  /// - Parameters:
  ///   - folds: The folds.
  ///   - name: The checkpoint's name without its extension, such as `model_final_checkpoint`.
  ///   - reporter: Hears of folds that are left out because they lack the checkpoint.
  /// - Throws: ``InferenceError`` naming every missing fold or checkpoint.
  public func checkpoints(
    of folds: Folds, named name: String,
    reporter: any HostSystem.ProgressReporting = SilentReporter()
  ) throws -> [URL] {
    if v2 != nil { return try v2Checkpoints(of: folds, named: name, reporter: reporter) }
    let file = name.ends(with: ".safetensors") ? name : name + ".safetensors"
    func checkpoint(_ fold: String) -> URL {
      let own = folder.appending(path: fold).appending(path: file)
      let foreign = own.deletingPathExtension().appendingPathExtension(
        V1Model.checkpointExtension)
      return !fileExists(own) && fileExists(foreign) ? foreign : own
    }
    let names: [String]
    switch folds {
    case .trainedOnAll: names = ["all"]
    case .numbers(let numbers): names = Set(numbers).sorted().map { "fold_\($0)" }
    case .allTrained:
      let present = foldFolders()
      let trained = present.filter { fileExists(checkpoint($0)) }
      guard !trained.isEmpty else {
        throw InferenceError.noFolds(model: folder.path, checkpoint: file, folders: present)
      }
      for fold in present where !trained.contains(fold) {
        reporter.warn("\(fold) has no \(file) and is left out")
      }
      return trained.map(checkpoint)
    }
    let missing = names.map(checkpoint).filter { !fileExists($0) }
    guard missing.isEmpty else {
      throw InferenceError.noCheckpoints(missing.map(\.path))
    }
    return names.map(checkpoint)
  }

  /// Loads one network per checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoints: The files.
  ///   - rules: The model's ``predictionRules()``.
  ///   - device: Where the networks are loaded.
  ///   - precision: What convolutions are computed in.
  ///   - options: Say whether predictions are averaged over mirrored tiles.
  public func predictors(
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
  public var convention: InferenceConvention { InferenceConvention(plans.convention) }

  /// What the model decides about predicting with its networks.
  ///
  /// - Throws: ``InferenceError/unsupportedExport(plans:order:)``, `ExchangeError`.
  public func predictionRules() throws -> PredictionRules {
    var rules = try PredictionRules(
      plans: plans, stage: stagePlan, scheme: scheme, file: folder.appending(path: Self.plansFile))
    if let v2 { rules.resampling = try v2.exportRule() }
    return rules
  }

  /// A network with the weights of a checkpoint.
  struct LoadedNetwork {
    var network: TrainableNetwork
    /// The spatial axes that may be mirrored; nil for all.
    var mirrorAxes: [Int]?
  }

  /// Loads one network per checkpoint.
  func networks(checkpoints: [URL], on device: Device) throws -> [LoadedNetwork] {
    if let v2 { return try v2.networks(checkpoints: checkpoints, on: device) }
    let settings = try ModelSettings.read(from: folder)
    let network = try settings?.network ?? .genericUNet(network())
    return try checkpoints.map { url in
      let trainable = try TrainableNetwork(
        network, seed: 0, on: device, table: extensions.networks)
      let names = Set(trainable.parameters.state.map(\.name))
      try trainable.load(weights(contentsOf: url, where: names.contains))
      return LoadedNetwork(
        network: trainable, mirrorAxes: v1?.mirrors == false ? [] : settings?.mirrorAxes)
    }
  }

  /// The network of the plans, as the trainer of a model of v1 changes it.
  private func network() throws -> UNetConfiguration {
    var network = UNetConfiguration(plans: plans, stage: stagePlan)
    if let v1 {
      guard let changed = v1.changed(network) else {
        throw ExchangeError.unsupportedNetwork(
          path: folder.path, detail: "its plans describe another network than its trainer makes")
      }
      network = changed
    }
    network.outputChannels = scheme.outputCount(
      foregroundLabelCount: plans.foregroundLabelCount)
    // The second network of a cascade sees the labels of the first as channels.
    if configuration == .cascade { network.inputChannels += plans.foregroundLabelCount }
    return network
  }

  /// The weights of a checkpoint of ours or of the Python nnU-Net v1.
  private func weights(
    contentsOf url: URL, where isIncluded: (String) -> Bool
  ) throws -> [NamedArray] {
    url.pathExtension == V1Model.checkpointExtension
      ? try V1Model.weights(contentsOf: url, of: v1)
      : try SafetensorsFile(contentsOf: url, where: isIncluded).arrays
  }

  /// What prepares images for the network.
  public func preprocessor() throws -> Preprocessor {
    try v2?.preprocessor()
      ?? Preprocessor(plans: plans, stage: stage, table: extensions.preprocessing)
  }

  func foldFolders() -> [String] {
    ((try? folderNames(in: folder)) ?? []).filter { $0.begins(with: "fold_") }
  }
}
