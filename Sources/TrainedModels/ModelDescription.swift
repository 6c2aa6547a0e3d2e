import Foundation
import Networks
import Plans
import Preprocessing
import Resampling

/// The information that a program needs to run exported networks: the steps from images to
/// segmentations.
///
/// All lists of three are in the array order z, y, x; `transpose_forward` states the image axis of
/// each axis of the network's input.
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
    /// How the mask is resampled with the image if intensities are normalized after resampling: a
    /// voxel is inside if half of it is.
    var mask = MaskOrders()
    /// Labels of another network that are added to the image as channels of zeros and ones.
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
    /// Spline orders, in general and along an axis that is resampled separately.
    var order: Int
    var orderAlongSeparateAxis: Int
    /// An axis is resampled separately if its spacing is the longest and more than so many times
    /// the shortest, by the first of these spacings for which that is true.
    var separateAxisAbove = AnisotropyRule.threshold
    /// `image` and `network`.
    var separateAxisBy: [String]
    /// True or false if the spacings do not decide.
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
      // Null if the spacings decide.
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
    /// The weight of the middle, and the type that weights are rounded to; zeros become the
    /// smallest weight.
    var largestWeight: Double
    var weightType: String
    var mirrorAxes: [Int]
    /// The values that are averaged over mirrored tiles, tiles and folds: `probabilities` or
    /// `logits`.
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
    /// The labels of the outputs; for regions, written over each other in order where above the
    /// threshold.
    var labels: [Int]
    var areRegions: Bool
    /// The threshold of the averaged values: 0.5 for probabilities is 0 for logits.
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
