public import Torch

/// The U-Nets of nnU-Net v2: a plain or residual encoder, and a decoder of plain convolutions.
///
/// Parameters have the names of v2's checkpoints, without the copies in these: `…all_modules.…`
/// repeats every layer and `decoder.encoder.…` the whole encoder.
public struct DynamicUNet: SegmentationNetwork {
  /// The shape that the network was created with.
  public let configuration: DynamicUNetConfiguration
  private let layers: UNetLayers

  /// ``NetworkArchitecture/dynamicUNet(_:)`` with the configuration, as checkpoints store it.
  public var architecture: NetworkArchitecture { .dynamicUNet(configuration) }

  /// Creates the network's parameters in `scope`.
  ///
  /// - Precondition: `configuration` has no `DynamicUNetConfiguration.problem`.
  public init(
    _ configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    precondition(configuration.problem == nil)
    self.configuration = configuration
    let unit = Array(repeating: 1, count: configuration.spatialRank)
    var stem: [any NetworkLayer] = []
    if configuration.encoder == .residual {
      stem.append(
        try NormalizedConvolution(
          from: configuration.inputChannels, to: configuration.features[0],
          kernel: configuration.kernels[0], stride: unit, configuration: configuration,
          in: scope / "encoder" / "stem" / "convs" / 0))
    }
    var encoder = try Self.makeEncoder(configuration, in: scope / "encoder" / "stages")
    encoder[0] = stem + encoder[0]
    layers = UNetLayers(
      encoder: encoder,
      decoder: try Self.makeDecoder(configuration, in: scope / "decoder" / "stages"),
      upsampling: try Self.makeUpsampling(configuration, in: scope / "decoder" / "transpconvs"),
      heads: try Self.makeHeads(configuration, in: scope / "decoder" / "seg_layers"),
      strides: Array(configuration.strides.dropFirst()))
  }

  /// Computes logits from `(b, channels, spatial…)`, highest resolution first.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> [Tensor] {
    try layers.logits(input, atAllResolutions: true)
  }

  /// Computes the logits of the highest resolution only.
  public func fullResolutionLogits(_ input: Tensor) throws(TorchError) -> Tensor {
    try layers.logits(input, atAllResolutions: false, precisely: true)[0]
  }
}

extension DynamicUNet {
  private static func makeEncoder(
    _ configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [[any NetworkLayer]] {
    let unit = Array(repeating: 1, count: configuration.spatialRank)
    var stages: [[any NetworkLayer]] = []
    var inputs =
      configuration.encoder == .residual ? configuration.features[0] : configuration.inputChannels
    for (stage, features) in configuration.features.enumerated() {
      var layers: [any NetworkLayer] = []
      for index in 0..<configuration.encoderBlocks[stage] {
        let stride = index == 0 ? configuration.strides[stage] : unit
        switch configuration.encoder {
        case .plain:
          layers.append(
            try NormalizedConvolution(
              from: inputs, to: features, kernel: configuration.kernels[stage], stride: stride,
              configuration: configuration, in: scope / stage / 0 / "convs" / index))
        case .residual:
          layers.append(
            try DynamicResidualBlock(
              from: inputs, to: features, kernel: configuration.kernels[stage], stride: stride,
              configuration: configuration, in: scope / stage / "blocks" / index))
        }
        inputs = features
      }
      stages.append(layers)
    }
    return stages
  }

  private static func makeDecoder(
    _ configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [[NormalizedConvolution]] {
    let unit = Array(repeating: 1, count: configuration.spatialRank)
    var stages: [[NormalizedConvolution]] = []
    for (level, count) in configuration.decoderConvolutions.enumerated() {
      let stage = configuration.decoderConvolutions.count - 1 - level
      let features = configuration.features[stage]
      var blocks: [NormalizedConvolution] = []
      for index in 0..<count {
        blocks.append(
          try NormalizedConvolution(
            from: index == 0 ? 2 * features : features, to: features,
            kernel: configuration.kernels[stage], stride: unit, configuration: configuration,
            in: scope / level / "convs" / index))
      }
      stages.append(blocks)
    }
    return stages
  }

  private static func makeUpsampling(
    _ configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [ConvolutionParameters] {
    var layers: [ConvolutionParameters] = []
    for level in configuration.decoderConvolutions.indices {
      let stage = configuration.decoderConvolutions.count - level
      let (below, above) = (configuration.features[stage], configuration.features[stage - 1])
      layers.append(
        ConvolutionParameters(
          weight: try (scope / level).parameter(
            "weight", shape: [below, above] + configuration.strides[stage],
            .kaimingNormal(negativeSlope: 0.01)),
          bias: configuration.convolutionsHaveBias
            ? try (scope / level).parameter("bias", shape: [above], .zeros) : nil))
    }
    return layers
  }

  private static func makeHeads(
    _ configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [ConvolutionParameters] {
    let unit = Array(repeating: 1, count: configuration.spatialRank)
    var heads: [ConvolutionParameters] = []
    for level in configuration.decoderConvolutions.indices {
      let features = configuration.features[configuration.decoderConvolutions.count - 1 - level]
      let outputs = configuration.outputChannels
      heads.append(
        ConvolutionParameters(
          weight: try (scope / level).parameter(
            "weight", shape: [outputs, features] + unit, .kaimingNormal(negativeSlope: 0.01)),
          bias: try (scope / level).parameter("bias", shape: [outputs], .zeros)))
    }
    return heads
  }
}
