import Foundation
import ModelExchange
import Networks
import Plans
import Preprocessing
import Resampling

/// What a program needs to know to run exported networks: the steps from images to segmentations.
///
/// All lists of three are in the array order z, y, x; `transpose_forward` says which axis of the
/// image each axis of the network's input is.
struct ModelDescription: Encodable {
  var format = 1
  var networks: [String]
  var architecture: NetworkArchitecture
  var preprocessing: Preparation
  var inference: Inference
  var export: Export

  /// The steps before the network, in their order.
  struct Preparation: Encodable {
    var steps: [String]
    var channels: [Int: String]
    var normalization: [Channel]
    var transposeForward: [Int]
    /// mm; an axis of nil keeps the spacing of the image.
    var spacing: [Double?]
    /// Spline orders of the image, and along an axis that is resampled by itself.
    var order: Int
    var orderAlongSeparateAxis: Int
    /// An axis is resampled by itself where its spacing, of the image or else of the target, is more
    /// than so many times the smallest.
    var separateAxisAbove = 3.0
    /// Labels of another network that follow the image as channels of zeros and ones.
    var previousLabels: [Int]

    enum CodingKeys: String, CodingKey {
      case steps, channels, normalization, spacing, order
      case transposeForward = "transpose_forward"
      case orderAlongSeparateAxis = "order_along_separate_axis"
      case separateAxisAbove = "separate_axis_above"
      case previousLabels = "previous_labels"
    }
  }

  /// How a channel is normalized: `(clipped − mean) / deviation`.
  struct Channel: Encodable {
    /// `CT`, `CT2`, `zscore`, `none`, `rescale01` or `divide255`.
    var scheme: String
    /// Whether mean and deviation are those within the nonzero mask, outside of which 0 is written
    /// (v1) or values stay (v2).
    var withinMask = false
    /// Of the training data; nil where they are the case's own or there are none.
    var mean: Double?
    var deviation: Double?
    var low: Double?
    var high: Double?

    enum CodingKeys: String, CodingKey {
      case scheme, mean, deviation, low, high
      case withinMask = "within_mask"
    }
  }

  /// How tiles become outputs of the whole image.
  struct Inference: Encodable {
    var patchSize: [Int]
    var step = 0.5
    /// The weights of a tile: a Gaussian with this part of its extents as deviation.
    var gaussianDeviation = 0.125
    var mirrorAxes: [Int]
    /// What is averaged over mirrored tiles, tiles and folds: `probabilities` or `logits`.
    var averaged: String
    /// `softmax` or `sigmoid`.
    var activation: String

    enum CodingKeys: String, CodingKey {
      case step, averaged, activation
      case patchSize = "patch_size"
      case gaussianDeviation = "gaussian_deviation"
      case mirrorAxes = "mirror_axes"
    }
  }

  /// The steps after the network, in their order.
  struct Export: Encodable {
    var steps: [String]
    var order: Int
    var orderAlongSeparateAxis: Int
    var transposeBackward: [Int]
    /// The labels of the outputs; for regions, written one over the other where above 0.5.
    var labels: [Int]
    var areRegions: Bool
    /// The name of the file with the postprocessing, if there is one.
    var postprocessing: String?

    enum CodingKeys: String, CodingKey {
      case steps, order, labels, postprocessing
      case orderAlongSeparateAxis = "order_along_separate_axis"
      case transposeBackward = "transpose_backward"
      case areRegions = "are_regions"
    }
  }
}

extension ModelDescription {
  /// - Parameter mirrorAxes: Nil stands for all.
  init(
    of model: TrainedModel, architecture: NetworkArchitecture, mirrorAxes: [Int]?,
    networks: [String], postprocessing: String?
  ) throws {
    self.networks = networks
    self.architecture = architecture
    let plans = model.plans
    let preprocessor = try model.preprocessor()
    let regions = model.scheme.regionsClassOrder
    let rank = architecture.spatialRank
    let normalizesFirst = preprocessor.normalizesFirst
    let keepsFirst = rank == 2
    preprocessing = Preparation(
      steps: ["crop to the box of voxels that are not 0 in some channel"]
        + (normalizesFirst ? ["normalize"] : []) + ["transpose", "resample"]
        + (normalizesFirst ? [] : ["normalize"]),
      channels: plans.channelNames, normalization: try model.channelNormalization(),
      transposeForward: plans.transposeForward,
      spacing: model.stagePlan.spacing.enumerated().map { keepsFirst && $0 == 0 ? nil : $1 },
      order: preprocessor.rule.images.order.rawValue,
      orderAlongSeparateAxis: preprocessor.rule.images.orderAlongSeparateAxis.rawValue,
      previousLabels: model.configuration == .cascade ? plans.foregroundLabels : [])
    inference = Inference(
      patchSize: model.stagePlan.patchSize, mirrorAxes: mirrorAxes ?? Array(0..<rank),
      averaged: model.isV2 ? "logits" : "probabilities",
      activation: regions == nil ? "softmax" : "sigmoid")
    let rule = try model.v2ExportRule()
    let parameters = plans.exportParameters
    export = Export(
      steps: ["resample to the cropped size", "activate if not done before averaging"]
        + (regions == nil ? ["take the label of the largest output"] : ["write the regions"])
        + ["transpose", "fill the cropped border with 0", "postprocess"],
      order: rule?.order.rawValue ?? parameters?.interpolationOrder ?? 1,
      orderAlongSeparateAxis: rule?.orderAlongSeparateAxis.rawValue
        ?? parameters?.interpolationOrderZ ?? 0,
      transposeBackward: plans.transposeBackward,
      labels: regions ?? [0] + plans.foregroundLabels, areRegions: regions != nil,
      postprocessing: postprocessing)
  }
}

extension TrainedModel {
  /// How each channel is normalized.
  fileprivate func channelNormalization() throws -> [ModelDescription.Channel] {
    if let v2 { return try v2.schemes().map(ModelDescription.Channel.init) }
    return (0..<plans.channelCount).map { channel in
      let scheme = plans.normalizationSchemes[channel] ?? .zScore
      var result = ModelDescription.Channel(
        scheme: scheme == .zScore ? "zscore" : scheme == .none ? "none" : scheme.rawValue)
      result.withinMask = plans.usesMaskForNormalization[channel] ?? false
      if scheme == .ct || scheme == .ct2, let known = plans.fingerprint.intensities?[channel] {
        (result.low, result.high) = (known.percentile0p5, known.percentile99p5)
        if scheme == .ct { (result.mean, result.deviation) = (known.mean, known.standardDeviation) }
      }
      return result
    }
  }
}

extension ModelDescription.Channel {
  fileprivate init(_ scheme: EarlyNormalization.Scheme) {
    switch scheme {
    case .none: self.init(scheme: "none")
    case .zScore(let withinMask): self.init(scheme: "zscore", withinMask: withinMask)
    case .ct(let low, let high, let mean, let deviation):
      self.init(scheme: "CT", mean: mean, deviation: deviation, low: low, high: high)
    case .rescaleToUnit: self.init(scheme: "rescale01")
    case .colorToUnit: self.init(scheme: "divide255")
    }
  }
}
