import Foundation
import HostSystem
import ModelExchange
import Networks
import Plans
import Preprocessing
import Resampling
import Torch

/// Models of nnU-Net v2 in terms of what prediction needs.
extension V2Model {
  /// The kind of network in v1 that the configuration corresponds to.
  var kind: Plans.Configuration {
    if configuration.previousStage != nil { return .cascade }
    if configuration.patchSize?.count == 2 { return .twoD }
    return configurationName == "3d_lowres" ? .lowResolution : .fullResolution
  }

  private var plansPath: String { folder.appending(path: Self.plansFile).path }

  private func missing(_ key: String) -> ExchangeError {
    .unexpectedContent(
      path: plansPath, key: key, problem: "configuration \(configurationName) lacks it")
  }

  /// The network's part of a stage of plans; values only for training, such as the batch, have no
  /// meaning.
  func stagePlan() throws -> StagePlan {
    let network = try network()
    guard let patchSize = configuration.patchSize else { throw missing("patch_size") }
    let spacing = try targetSpacing()
    return StagePlan(
      batchSize: 2, poolCounts: network.divisor.map { Int(trusted: log2(Double($0))) },
      patchSize: patchSize, medianSize: [1, 1, 1], spacing: spacing, originalSpacing: spacing,
      usesDummy2DAugmentation: false, poolStrides: network.strides,
      convolutionKernels: network.kernels)
  }

  /// The parts that v1's plans also have, with only the network's stage.
  func experimentPlans(stage: StagePlan) throws -> ExperimentPlans {
    let fingerprint = DatasetFingerprint(
      sizes: [], spacings: [], foregroundLabels: dataset.foregroundLabels,
      channelNames: dataset.channelNames, intensities: nil, sizeReductions: [:])
    var plans = ExperimentPlans(
      stages: [0: stage], channelNames: dataset.channelNames,
      normalizationSchemes: dataset.channelNames.mapValues { _ in .zScore },
      fingerprint: fingerprint, baseFeatureCount: try network().features[0],
      usesMaskForNormalization: dataset.channelNames.mapValues { _ in false },
      transposeForward: self.plans.transposeForward,
      transposeBackward: self.plans.transposeBackward,
      dataIdentifier: configurationName, preprocessorName: ExperimentPlans.preprocessorV2,
      convolutionsPerStage: nil, convention: .v2)
    plans.fileEnding = FileEnding(dataset.fileEnding) ?? .standard
    return plans
  }

  /// The spacing of three axes; the first of a 2D configuration has no meaning.
  private func targetSpacing() throws -> [Double] {
    guard let spacing = configuration.spacing, spacing.allSatisfy({ $0 > 0 && $0.isFinite }),
      spacing.count == configuration.patchSize?.count
    else { throw missing("spacing (one positive number for each axis of the patch)") }
    return spacing.count == 2 ? [1] + spacing : spacing
  }

  /// Loads one network per checkpoint.
  func networks(
    checkpoints: [URL], on device: Device
  ) throws -> [TrainedModel.LoadedNetwork] {
    let network = try network()
    return try checkpoints.map { url in
      let checkpoint = try Self.checkpoint(contentsOf: url)
      var network = network
      // A trainer with batch normalization changes the network, not the plans.
      if checkpoint.weights.contains(where: { $0.name.ends(with: ".norm.running_mean") }) {
        network.normalization = .batch
      }
      guard checkpoint.mirrorAxes.allSatisfy({ 0..<network.spatialRank ~= $0 }) else {
        throw ExchangeError.unexpectedContent(
          path: url.path, key: "inference_allowed_mirroring_axes",
          problem: "\(checkpoint.mirrorAxes) are not axes of the network")
      }
      let trainable = try TrainableNetwork(.dynamicUNet(network), seed: 0, on: device)
      try trainable.load(checkpoint.weights)
      return TrainedModel.LoadedNetwork(network: trainable, mirrorAxes: checkpoint.mirrorAxes)
    }
  }

  /// The preprocessor, which normalizes images before they are resampled.
  func preprocessor() throws -> Preprocessor {
    let known = ["DefaultPreprocessor"]
    guard known.contains(configuration.preprocessor ?? known[0]) else {
      throw PreprocessingError.unknownPreprocessor(
        name: configuration.preprocessor ?? "", known: known)
    }
    let readers = ["SimpleITKIO", "NibabelIO", "NaturalImage2DIO", "Tiff3DIO"]
    guard readers.contains(plans.readerWriter ?? readers[0]),
      FileEnding(dataset.fileEnding) != nil
    else {
      throw ExchangeError.unexpectedContent(
        path: plansPath, key: "image_reader_writer",
        problem: "\(plans.readerWriter ?? "") for \(dataset.fileEnding) files is not available;"
          + " only \(readers.joined(separator: " and ")) are supported, for NIfTI")
    }
    let (rule, isOff) = try rule(
      configuration.dataResampling, configuration.dataArguments, standard: .images,
      key: "resampling_fn_data")
    var (labelRule, _) = try self.rule(
      configuration.labelResampling, configuration.labelArguments, standard: .labels,
      key: "resampling_fn_seg")
    labelRule.decision = .largest
    var preprocessing = PreprocessingRule(images: rule, labels: labelRule)
    preprocessing.keeps = isOff ? .all : configuration.patchSize?.count == 2 ? .first : .none
    return Preprocessor(
      targetSpacing: try targetSpacing(), transposition: plans.transposeForward,
      foregroundLabels: dataset.foregroundLabels, rule: preprocessing,
      normalization: EarlyNormalization(channels: try schemes()))
  }

  /// How outputs are resampled to the image.
  func exportRule() throws -> ResamplingRule {
    try rule(
      configuration.logitResampling, configuration.logitArguments, standard: .probabilities,
      key: "resampling_fn_probabilities"
    ).rule
  }

  /// How each channel is normalized.
  func schemes() throws -> [EarlyNormalization.Scheme] {
    let count = dataset.channelNames.count
    guard let names = configuration.normalizationSchemes, names.count == count else {
      throw missing("normalization_schemes (one for each channel)")
    }
    return try names.enumerated().map { channel, name in
      switch name {
      case "ZScoreNormalization":
        let masks = configuration.usesMaskForNormalization ?? []
        return .zScore(withinMask: channel < masks.count ? masks[channel] ?? false : false)
      case "CTNormalization":
        guard let found = plans.intensities?[channel] else {
          throw PreprocessingError.missingIntensities(channel: channel)
        }
        return .ct(
          low: found.percentile0p5, high: found.percentile99p5, mean: found.mean,
          deviation: found.std)
      case "NoNormalization": return .none
      case "RescaleTo01Normalization": return .rescaleToUnit
      case "RGBTo01Normalization": return .colorToUnit
      default:
        throw ExchangeError.unexpectedContent(
          path: plansPath, key: "normalization_schemes", problem: "\(name) is not known")
      }
    }
  }

  /// The rule of a resampling function, and whether it does not resample at all.
  private func rule(
    _ function: String?, _ arguments: V2Resampling?, standard: ResamplingRule, key: String
  ) throws -> (rule: ResamplingRule, isOff: Bool) {
    var rule = standard
    rule.separatesThickAxis = arguments?.forcesSeparateAxis
    switch function ?? "resample_data_or_seg_to_shape" {
    case "resample_data_or_seg_to_shape":
      if let order = arguments?.order { rule.order = try interpolation(order, key: key) }
      rule.orderAlongSeparateAxis = try interpolation(
        arguments?.orderAlongSeparateAxis ?? 0, key: key)
    case "resample_torch_fornnunet" where arguments?.mode ?? "linear" == "linear":
      rule.order = .linear
      rule.orderAlongSeparateAxis = .nearest
    case "no_resampling_hack": return (rule, true)
    case let other:
      throw ExchangeError.unexpectedContent(
        path: plansPath, key: key, problem: "\(other) is not known")
    }
    return (rule, false)
  }

  private func interpolation(_ order: Int, key: String) throws -> InterpolationOrder {
    switch order {
    case 0: return .nearest
    case 1: return .linear
    case 3: return .cubic
    default:
      throw ExchangeError.unexpectedContent(
        path: plansPath, key: key + "_kwargs", problem: "order \(order) is not available")
    }
  }
}
