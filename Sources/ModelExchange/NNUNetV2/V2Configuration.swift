/// A configuration of v2 plans; nil values are inherited or missing.
package struct V2Configuration: Decodable, Hashable, Sendable {
  var parent: String?
  package var previousStage: String?
  package var preprocessor: String?
  package var patchSize: [Int]?
  package var spacing: [Double]?
  package var normalizationSchemes: [String]?
  package var usesMaskForNormalization: [Bool?]?
  package var dataResampling: String?
  package var dataArguments: V2Resampling?
  package var labelResampling: String?
  package var labelArguments: V2Resampling?
  package var logitResampling: String?
  package var logitArguments: V2Resampling?
  var architecture: V2Architecture?
  // Before version 2.5 of nnU-Net, these described the network.
  var networkClass: String?
  var baseFeatures: Int?
  var maximumFeatures: Int?
  var encoderBlocks: [Int]?
  var decoderConvolutions: [Int]?
  var strides: [[Int]]?
  var kernels: [[Int]]?

  enum CodingKeys: String, CodingKey {
    case architecture, spacing
    case parent = "inherits_from"
    case previousStage = "previous_stage"
    case preprocessor = "preprocessor_name"
    case patchSize = "patch_size"
    case normalizationSchemes = "normalization_schemes"
    case usesMaskForNormalization = "use_mask_for_norm"
    case dataResampling = "resampling_fn_data"
    case dataArguments = "resampling_fn_data_kwargs"
    case labelResampling = "resampling_fn_seg"
    case labelArguments = "resampling_fn_seg_kwargs"
    case logitResampling = "resampling_fn_probabilities"
    case logitArguments = "resampling_fn_probabilities_kwargs"
    case networkClass = "UNet_class_name"
    case baseFeatures = "UNet_base_num_features"
    case maximumFeatures = "unet_max_num_features"
    case encoderBlocks = "n_conv_per_stage_encoder"
    case decoderConvolutions = "n_conv_per_stage_decoder"
    case strides = "pool_op_kernel_sizes"
    case kernels = "conv_kernel_sizes"
  }

  /// The configuration with missing values taken from `base`.
  func inheriting(_ base: V2Configuration) -> V2Configuration {
    var result = self
    result.previousStage = previousStage ?? base.previousStage
    result.preprocessor = preprocessor ?? base.preprocessor
    result.patchSize = patchSize ?? base.patchSize
    result.spacing = spacing ?? base.spacing
    result.normalizationSchemes = normalizationSchemes ?? base.normalizationSchemes
    result.usesMaskForNormalization = usesMaskForNormalization ?? base.usesMaskForNormalization
    result.dataResampling = dataResampling ?? base.dataResampling
    result.dataArguments = dataArguments ?? base.dataArguments
    result.labelResampling = labelResampling ?? base.labelResampling
    result.labelArguments = labelArguments ?? base.labelArguments
    result.logitResampling = logitResampling ?? base.logitResampling
    result.logitArguments = logitArguments ?? base.logitArguments
    result.architecture = architecture ?? base.architecture
    result.networkClass = networkClass ?? base.networkClass
    result.baseFeatures = baseFeatures ?? base.baseFeatures
    result.maximumFeatures = maximumFeatures ?? base.maximumFeatures
    result.encoderBlocks = encoderBlocks ?? base.encoderBlocks
    result.decoderConvolutions = decoderConvolutions ?? base.decoderConvolutions
    result.strides = strides ?? base.strides
    result.kernels = kernels ?? base.kernels
    return result
  }
}

/// The arguments of a resampling function of v2.
package struct V2Resampling: Decodable, Hashable, Sendable {
  package var order: Int?
  package var orderAlongSeparateAxis: Int?
  package var forcesSeparateAxis: Bool?
  package var mode: String?

  enum CodingKeys: String, CodingKey {
    case order, mode
    case orderAlongSeparateAxis = "order_z"
    case forcesSeparateAxis = "force_separate_z"
  }
}

/// One number, or one for each stage or axis.
struct OneOrMany<Element: Decodable & Hashable & Sendable>: Decodable, Hashable, Sendable {
  var values: [Element]
  var isOne: Bool

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let one = try? container.decode(Element.self) {
      (values, isOne) = ([one], true)
    } else {
      (values, isOne) = (try container.decode([Element].self), false)
    }
  }

  /// The values of `count` stages; nil if their number differs.
  func expanded(to count: Int) -> [Element]? {
    if isOne { return Array(repeating: values[0], count: count) }
    return values.count == count ? values : nil
  }
}

/// The network of a configuration as v2 describes it.
struct V2Architecture: Decodable, Hashable, Sendable {
  var className: String
  var arguments: Arguments

  enum CodingKeys: String, CodingKey {
    case className = "network_class_name"
    case arguments = "arch_kwargs"
  }

  struct Arguments: Decodable, Hashable, Sendable {
    var stages: Int
    var features: OneOrMany<Int>
    var convolution: String
    var kernels: OneOrMany<OneOrMany<Int>>
    var strides: OneOrMany<OneOrMany<Int>>
    var convolutions: OneOrMany<Int>?
    var blocks: OneOrMany<Int>?
    var decoderConvolutions: OneOrMany<Int>
    var hasBias: Bool?
    var normalization: String?
    var normalizationArguments: NormalizationArguments?
    var nonlinearity: String?
    var nonlinearityArguments: NonlinearityArguments?
    var nonlinearityFirst: Bool?
    var block: String?
    var bottleneck: OneOrMany<Int>?
    var squeezesAndExcites: Bool?
    var stemChannels: Int?

    enum CodingKeys: String, CodingKey {
      case block
      case stages = "n_stages"
      case features = "features_per_stage"
      case convolution = "conv_op"
      case kernels = "kernel_sizes"
      case strides
      case convolutions = "n_conv_per_stage"
      case blocks = "n_blocks_per_stage"
      case decoderConvolutions = "n_conv_per_stage_decoder"
      case hasBias = "conv_bias"
      case normalization = "norm_op"
      case normalizationArguments = "norm_op_kwargs"
      case nonlinearity = "nonlin"
      case nonlinearityArguments = "nonlin_kwargs"
      case nonlinearityFirst = "nonlin_first"
      case bottleneck = "bottleneck_channels"
      case squeezesAndExcites = "squeeze_excitation"
      case stemChannels = "stem_channels"
    }
  }

  struct NormalizationArguments: Decodable, Hashable, Sendable {
    var eps: Double?
    var affine: Bool?
  }

  struct NonlinearityArguments: Decodable, Hashable, Sendable {
    var slope: Double?
    enum CodingKeys: String, CodingKey { case slope = "negative_slope" }
  }
}
