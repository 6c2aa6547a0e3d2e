public import Torch

/// nnU-Net's plain U-Net: strided convolutions down, transposed convolutions up, a segmentation
/// head at every resolution of the decoder.
///
/// Parameters have the names and the order of nnU-Net v1's `Generic_UNet`, so that its weights can
/// be exchanged; see `Guides/Networks.md`. Two peculiarities follow from that: the decoder's
/// kernels are those of the encoder one level further down, and the heads have no bias unless asked for.
public struct GenericUNet: SegmentationNetwork {
  /// The shape that the network was created with.
  public let configuration: UNetConfiguration
  private let layers: UNetLayers

  /// ``NetworkArchitecture/genericUNet(_:)`` with the configuration, as checkpoints store it.
  public var architecture: NetworkArchitecture { .genericUNet(configuration) }

  /// Creates the network's parameters in `scope`.
  ///
  /// - Parameters:
  ///   - configuration: The shape of the network.
  ///   - block: The kind of its blocks.
  ///   - scope: Where the parameters are.
  /// - Throws: `TorchError.outOfMemory(detail:)` if the device has too little memory for the
  ///   parameters.
  /// - Precondition: `configuration` has one kernel more than pooling strides.
  public init(
    _ configuration: UNetConfiguration, block: any UNetBlock.Type = ConvolutionBlock.self,
    in scope: ParameterScope
  ) throws(TorchError) {
    precondition(configuration.kernels.count == configuration.poolStrides.count + 1)
    self.configuration = configuration
    // The decoder comes first in v1's state, hence in the optimizer.
    let decoder = try Self.makeDecoder(
      configuration, of: block, in: scope / "conv_blocks_localization")
    layers = UNetLayers(
      encoder: try Self.makeEncoder(
        configuration, of: block, in: scope / "conv_blocks_context"
      )
      .map { $0.flatMap(\.blocks) },
      decoder: decoder.map { $0.flatMap(\.blocks) },
      upsampling: try Self.makeUpsampling(configuration, in: scope / "tu"),
      heads: try Self.makeHeads(configuration, in: scope / "seg_outputs"),
      strides: configuration.poolStrides)
  }

  /// Computes logits from `(b, channels, spatial…)`.
  ///
  /// - Returns: `(b, classes, spatial…)` per decoder level, highest resolution first.
  /// - Throws: `TorchError.invalidArgument` if a spatial extent is not a multiple of the
  ///   configuration's divisor.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> [Tensor] {
    try layers.logits(input, atAllResolutions: configuration.usesDeepSupervision)
  }

  /// Computes the logits of the highest resolution only.
  public func fullResolutionLogits(_ input: Tensor) throws(TorchError) -> Tensor {
    try layers.logits(input, atAllResolutions: false, precisely: true)[0]
  }
}

/// The parts, in terms of `depth` (0 is the highest resolution) and `level` (0 is the deepest
/// decoder level).
extension GenericUNet {
  private static func makeEncoder(
    _ configuration: UNetConfiguration, of block: any UNetBlock.Type, in scope: ParameterScope
  ) throws(TorchError) -> [[ConvolutionStack]] {
    let perStage = configuration.convolutionsPerStage
    let depths = configuration.poolStrides.count
    var stages: [[ConvolutionStack]] = []
    for depth in 0..<depths {
      stages.append([
        try ConvolutionStack(
          count: perStage, of: block,
          from: depth == 0
            ? configuration.inputChannels : configuration.features(atDepth: depth - 1),
          to: configuration.features(atDepth: depth), kernel: configuration.kernels[depth],
          firstStride: depth == 0 ? nil : configuration.poolStrides[depth - 1],
          configuration: configuration, in: scope / depth)
      ])
    }
    // The bottleneck's last convolution is a separate stack, one name level deeper.
    let features = configuration.features(atDepth: depths)
    let kernel = configuration.kernels[depths]
    stages.append([
      try ConvolutionStack(
        count: perStage - 1, of: block, from: configuration.features(atDepth: depths - 1),
        to: features,
        kernel: kernel, firstStride: configuration.poolStrides[depths - 1],
        configuration: configuration, in: scope / depths / 0),
      try ConvolutionStack(
        count: 1, of: block, from: features, to: features, kernel: kernel,
        configuration: configuration,
        in: scope / depths / 1),
    ])
    return stages
  }

  private static func makeDecoder(
    _ configuration: UNetConfiguration, of block: any UNetBlock.Type, in scope: ParameterScope
  ) throws(TorchError) -> [[ConvolutionStack]] {
    let levels = configuration.poolStrides.count
    var result: [[ConvolutionStack]] = []
    for level in 0..<levels {
      let features = configuration.features(atDepth: levels - 1 - level)
      let kernel = configuration.kernels[levels - level]
      result.append([
        try ConvolutionStack(
          count: configuration.convolutionsPerStage - 1, of: block, from: 2 * features,
          to: features,
          kernel: kernel, configuration: configuration, in: scope / level / 0),
        try ConvolutionStack(
          count: 1, of: block, from: features, to: features, kernel: kernel,
          configuration: configuration,
          in: scope / level / 1),
      ])
    }
    return result
  }

  private static func makeUpsampling(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [ConvolutionParameters] {
    let levels = configuration.poolStrides.count
    var layers: [ConvolutionParameters] = []
    for level in 0..<levels {
      let depth = levels - 1 - level
      layers.append(
        ConvolutionParameters(
          weight: try (scope / level).parameter(
            "weight",
            shape: [
              configuration.features(atDepth: depth + 1), configuration.features(atDepth: depth),
            ] + configuration.poolStrides[depth],
            .kaimingNormal(negativeSlope: configuration.initializationSlope))))
    }
    return layers
  }

  private static func makeHeads(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [ConvolutionParameters] {
    let levels = configuration.poolStrides.count
    let unit = Array(repeating: 1, count: configuration.spatialRank)
    var heads: [ConvolutionParameters] = []
    for level in 0..<levels {
      let features = configuration.features(atDepth: levels - 1 - level)
      let weight = try (scope / level).parameter(
        "weight", shape: [configuration.outputChannels, features] + unit,
        .kaimingNormal(negativeSlope: configuration.initializationSlope))
      let bias =
        configuration.headsHaveBias
        ? try (scope / level).parameter("bias", shape: [configuration.outputChannels], .zeros) : nil
      heads.append(ConvolutionParameters(weight: weight, bias: bias))
    }
    return heads
  }
}
