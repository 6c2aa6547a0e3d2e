import Foundation
import Networks
import Plans
import Preprocessing
import Resampling

/// What a program needs to know to run exported networks: the steps from images to segmentations.
///
/// All lists of three are in the array order z, y, x; `transpose_forward` says which axis of the
/// image each axis of the network's input is.
package struct ModelDescription: Encodable {
  var format = 2
  var networks: [String]
  var architecture: NetworkArchitecture
  var preprocessing: Preparation
  var inference: Inference
  var export: Export

  /// The steps before the network.
  struct Preparation: Encodable {
    /// In words.
    var steps: [String]
    /// Transposing, resampling and normalizing in their order.
    var orderOfSteps: [String]
    var channels: [Int: String]
    var normalization: [Channel]
    var transposeForward: [Int]
    /// mm; an axis of nil keeps the spacing of the image.
    var spacing: [Double?]
    var resampling: Resampling
    /// How the mask follows the image where intensities are normalized after resampling: a voxel is
    /// inside where half of it is.
    var mask = MaskOrders()
    /// Labels of another network that follow the image as channels of zeros and ones.
    var previousLabels: [Int]

    enum CodingKeys: String, CodingKey {
      case steps, channels, normalization, spacing, mask
      case orderOfSteps = "order_of_steps"
      case transposeForward = "transpose_forward"
      case previousLabels = "previous_labels"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(steps, forKey: .steps)
      try container.encode(orderOfSteps, forKey: .orderOfSteps)
      try container.encode(channels, forKey: .channels)
      try container.encode(normalization, forKey: .normalization)
      try container.encode(transposeForward, forKey: .transposeForward)
      try container.encode(spacing, forKey: .spacing)
      try container.encode(mask, forKey: .mask)
      try container.encode(previousLabels, forKey: .previousLabels)
      try resampling.encode(to: encoder)
    }
  }

  /// Spline orders of the mask.
  struct MaskOrders: Encodable {
    var order = 1
    var orderAlongSeparateAxis = 0

    enum CodingKeys: String, CodingKey {
      case order
      case orderAlongSeparateAxis = "order_along_separate_axis"
    }
  }

  /// How volumes are resampled.
  struct Resampling: Encodable {
    /// Spline orders, and along an axis that is resampled by itself.
    var order: Int
    var orderAlongSeparateAxis: Int
    /// An axis is resampled by itself where its spacing is the longest and more than so many times the
    /// shortest: in the first of these spacings for which that is so.
    var separateAxisAbove = AnisotropyRule.threshold
    /// `image` and `network`.
    var separateAxisBy: [String]
    /// True or false where the spacings do not decide.
    var forcesSeparateAxis: Bool?

    init(_ rule: ResamplingRule, separateAxisBy: [String]) {
      order = rule.order.rawValue
      orderAlongSeparateAxis = rule.orderAlongSeparateAxis.rawValue
      forcesSeparateAxis = rule.separatesThickAxis
      self.separateAxisBy = separateAxisBy
    }

    enum CodingKeys: String, CodingKey {
      case order
      case orderAlongSeparateAxis = "order_along_separate_axis"
      case separateAxisAbove = "separate_axis_above"
      case separateAxisBy = "separate_axis_by"
      case forcesSeparateAxis = "force_separate_axis"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(order, forKey: .order)
      try container.encode(orderAlongSeparateAxis, forKey: .orderAlongSeparateAxis)
      try container.encode(separateAxisAbove, forKey: .separateAxisAbove)
      try container.encode(separateAxisBy, forKey: .separateAxisBy)
      // Null says that the spacings decide.
      try container.encode(forcesSeparateAxis, forKey: .forcesSeparateAxis)
    }
  }

  /// How tiles become outputs of the whole image.
  struct Inference: Encodable {
    /// In words.
    var steps: [String]
    var patchSize: [Int]
    var step = 0.5
    /// The weights of a tile: a Gaussian with this part of its extents as deviation.
    var gaussianDeviation = 0.125
    /// The weight of the middle, and the type that weights are rounded to; zeros become the least weight.
    var largestWeight: Double
    var weightType: String
    var mirrorAxes: [Int]
    /// What is averaged over mirrored tiles, tiles and folds: `probabilities` or `logits`.
    var averaged: String
    /// `softmax` or `sigmoid`.
    var activation: String

    enum CodingKeys: String, CodingKey {
      case steps, step, averaged, activation
      case patchSize = "patch_size"
      case gaussianDeviation = "gaussian_deviation"
      case largestWeight = "largest_weight"
      case weightType = "weight_type"
      case mirrorAxes = "mirror_axes"
    }
  }

  /// The steps after the network.
  struct Export: Encodable {
    /// In words.
    var steps: [String]
    var resampling: Resampling
    var transposeBackward: [Int]
    /// The labels of the outputs; for regions, written one over the other where above the threshold.
    var labels: [Int]
    var areRegions: Bool
    /// Of what was averaged: 0.5 of a probability is 0 of a logit.
    var regionThreshold: Double
    /// The name of the file with the postprocessing, if there is one.
    var postprocessing: String?

    enum CodingKeys: String, CodingKey {
      case steps, labels, postprocessing
      case transposeBackward = "transpose_backward"
      case areRegions = "are_regions"
      case regionThreshold = "region_threshold"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(steps, forKey: .steps)
      try container.encode(transposeBackward, forKey: .transposeBackward)
      try container.encode(labels, forKey: .labels)
      try container.encode(areRegions, forKey: .areRegions)
      try container.encode(regionThreshold, forKey: .regionThreshold)
      try container.encode(postprocessing, forKey: .postprocessing)
      try resampling.encode(to: encoder)
    }
  }
}
