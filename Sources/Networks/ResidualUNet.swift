package import Torch

/// The number of blocks at each resolution of a U-Net with a residual encoder.
public struct ResidualBlocks: Codable, Hashable, Sendable {
  /// Residual blocks per encoder stage, highest resolution first; the bottleneck is the last.
  package var encoder: [Int]
  /// Convolution blocks per decoder level, the deepest first.
  package var decoder: [Int]
  /// Whether every residual block initially adds nothing.
  package var startsAsIdentity = false

  /// Creates the lists from the numbers of blocks, which must fit the network's stages.
  public init(encoder: [Int], decoder: [Int]) {
    self.encoder = encoder
    self.decoder = decoder
  }
}

/// A U-Net with residual blocks in the encoder and plain convolutions in the decoder.
///
/// Parameters have the names and the order of nnU-Net v1's `FabiansUNet`, apart from the second
/// names (`all.0`, `all.2`) that it stores for the decoder's layers.
package struct ResidualUNet: SegmentationNetwork {
  package let configuration: UNetConfiguration
  private let layers: UNetLayers

  package var architecture: NetworkArchitecture { .genericUNet(configuration) }

  /// Creates the network's parameters in `scope`.
  ///
  /// - Precondition: `configuration` says how many residual blocks there are.
  package init(_ configuration: UNetConfiguration, in scope: ParameterScope) throws(TorchError) {
    guard let blocks = configuration.residualBlocks else {
      preconditionFailure("the configuration has no residual blocks")
    }
    let levels = configuration.poolStrides.count
    precondition(blocks.encoder.count == levels + 1 && blocks.decoder.count == levels)
    precondition(configuration.kernels.count == levels + 1)
    self.configuration = configuration
    let encoding = scope / "encoder"
    let stem = try NormalizedConvolution(
      from: configuration.inputChannels, to: configuration.features(atDepth: 0),
      kernel: configuration.kernels[0].map { _ in 3 },
      stride: configuration.kernels[0].map { _ in 1 }, style: .init(configuration, hasBias: false),
      convolution: encoding / "initial_conv", norm: encoding / "initial_norm")
    var encoder: [[any NetworkLayer]] = try Self.makeEncoder(
      configuration, blocks, in: encoding / "stages")
    encoder[0].insert(stem, at: 0)
    let decoding = scope / "decoder"
    // v1 registers the last head before the lists.
    let last = try Self.makeHead(configuration, depth: 0, in: decoding / "segmentation_output")
    var upsampling: [ConvolutionParameters] = []
    for level in 0..<levels {
      let depth = levels - 1 - level
      upsampling.append(
        ConvolutionParameters(
          weight: try (decoding / "tus" / level).parameter(
            "weight",
            shape: [
              configuration.features(atDepth: depth + 1), configuration.features(atDepth: depth),
            ] + configuration.poolStrides[depth],
            .kaimingNormal(negativeSlope: configuration.initializationSlope))))
    }
    let decoder = try Self.makeDecoder(configuration, blocks, in: decoding / "stages")
    var heads: [ConvolutionParameters] = []
    for level in 0..<levels - 1 {
      heads.append(
        try Self.makeHead(
          configuration, depth: levels - 1 - level,
          in: decoding / "deep_supervision_outputs" / level))
    }
    layers = UNetLayers(
      encoder: encoder, decoder: decoder, upsampling: upsampling, heads: heads + [last],
      strides: configuration.poolStrides)
  }

  package func callAsFunction(_ input: Tensor) throws(TorchError) -> [Tensor] {
    try layers.logits(input, atAllResolutions: configuration.usesDeepSupervision)
  }

  package func fullResolutionLogits(_ input: Tensor) throws(TorchError) -> Tensor {
    try layers.logits(input, atAllResolutions: false, precisely: true)[0]
  }
}

/// The parts.
extension ResidualUNet {
  private static func makeEncoder(
    _ configuration: UNetConfiguration, _ blocks: ResidualBlocks, in scope: ParameterScope
  ) throws(TorchError) -> [[ResidualBlock]] {
    var stages: [[ResidualBlock]] = []
    for depth in blocks.encoder.indices {
      var stage: [ResidualBlock] = []
      for index in 0..<blocks.encoder[depth] {
        let isFirst = index == 0 && depth > 0
        stage.append(
          try ResidualBlock(
            from: configuration.features(atDepth: isFirst ? depth - 1 : depth),
            to: configuration.features(atDepth: depth), kernel: configuration.kernels[depth],
            stride: isFirst
              ? configuration.poolStrides[depth - 1] : configuration.kernels[depth].map { _ in 1 },
            configuration: configuration, startsAsIdentity: blocks.startsAsIdentity,
            in: scope / depth / "convs" / index))
      }
      stages.append(stage)
    }
    return stages
  }

  private static func makeDecoder(
    _ configuration: UNetConfiguration, _ blocks: ResidualBlocks, in scope: ParameterScope
  ) throws(TorchError) -> [[NormalizedConvolution]] {
    var stages: [[NormalizedConvolution]] = []
    for level in blocks.decoder.indices {
      let depth = blocks.decoder.count - 1 - level
      let features = configuration.features(atDepth: depth)
      var stage: [NormalizedConvolution] = []
      for index in 0..<blocks.decoder[level] {
        let unit = scope / level / "convs" / index
        stage.append(
          try NormalizedConvolution(
            from: index == 0 ? 2 * features : features, to: features,
            kernel: configuration.kernels[depth],
            stride: configuration.kernels[depth].map { _ in 1 },
            style: .init(configuration, hasBias: false), convolution: unit / "conv",
            norm: unit / "norm"))
      }
      stages.append(stage)
    }
    return stages
  }

  private static func makeHead(
    _ configuration: UNetConfiguration, depth: Int, in scope: ParameterScope
  ) throws(TorchError) -> ConvolutionParameters {
    ConvolutionParameters(
      weight: try scope.parameter(
        "weight",
        shape: [configuration.outputChannels, configuration.features(atDepth: depth)]
          + configuration.kernels[0].map { _ in 1 },
        .kaimingNormal(negativeSlope: configuration.initializationSlope)),
      bias: try scope.parameter("bias", shape: [configuration.outputChannels], .zeros))
  }
}

/// Two convolutions whose result is added to their input.
///
/// Source: nnU-Net v1, `BasicResidualBlock`.
private struct ResidualBlock: NetworkLayer {
  private let first: NormalizedConvolution
  private let second: NormalizedConvolution
  /// The layers that give the input the result's shape; nil if it has that already.
  private let shortcut: NormalizedConvolution?
  private let nonlinearity: Nonlinearity

  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: UNetConfiguration, startsAsIdentity: Bool, in scope: ParameterScope
  ) throws(TorchError) {
    let style = NormalizedConvolution.Style(configuration, hasBias: false)
    let unit = kernel.map { _ in 1 }
    first = try NormalizedConvolution(
      from: inputs, to: features, kernel: kernel, stride: stride, style: style,
      convolution: scope / "conv1", norm: scope / "norm1")
    second = try NormalizedConvolution(
      from: features, to: features, kernel: kernel, stride: unit, style: style.linear,
      scaleStart: startsAsIdentity ? .zeros : .ones, convolution: scope / "conv2",
      norm: scope / "norm2")
    let skip = scope / "downsample_skip"
    shortcut =
      inputs == features && stride == unit
      ? nil
      : try NormalizedConvolution(
        from: inputs, to: features, kernel: unit, stride: stride, style: style.linear,
        convolution: skip / 0, norm: skip / 1)
    nonlinearity = configuration.nonlinearity
  }

  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    let result = try second(first(input))
    return try nonlinearity(result + (shortcut?(input) ?? input))
  }
}
