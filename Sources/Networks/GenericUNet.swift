public import Torch

/// nnU-Net's plain U-Net: strided convolutions down, transposed convolutions up, a segmentation
/// head at every resolution of the decoder.
///
/// Parameters have the names and the order of nnU-Net v1's `Generic_UNet`, so that its weights can
/// be exchanged; see `Guides/Networks.md`. Two peculiarities follow from that: the decoder's
/// kernels are those of the encoder one level further down, and the heads have no bias unless asked for.
public struct GenericUNet: SegmentationNetwork {
  public let configuration: UNetConfiguration
  private let encoder: [[ConvolutionStack]]
  private let decoder: [[ConvolutionStack]]
  private let upsampling: [Tensor]
  private let heads: [Head]

  /// A 1×1 convolution.
  private struct Head {
    var weight: Tensor
    var bias: Tensor?
  }

  public var architecture: NetworkArchitecture { .genericUNet(configuration) }

  /// Creates the network's parameters in `scope`.
  ///
  /// - Precondition: `configuration` has one kernel more than pooling strides.
  public init(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    precondition(configuration.kernels.count == configuration.poolStrides.count + 1)
    self.configuration = configuration
    // The decoder comes first in v1's state, hence in the optimizer.
    decoder = try Self.makeDecoder(configuration, in: scope / "conv_blocks_localization")
    encoder = try Self.makeEncoder(configuration, in: scope / "conv_blocks_context")
    upsampling = try Self.makeUpsampling(configuration, in: scope / "tu")
    heads = try Self.makeHeads(configuration, in: scope / "seg_outputs")
  }

  /// Computes logits from `(b, channels, spatial…)`.
  ///
  /// - Returns: `(b, classes, spatial…)` per decoder level, highest resolution first.
  /// - Throws: ``TorchError/invalidArgument(operation:detail:)`` if a spatial extent is not a
  ///   multiple of the configuration's divisor.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> [Tensor] {
    try logits(input, atAllResolutions: configuration.usesDeepSupervision)
  }

  /// Computes the logits of the highest resolution only.
  public func fullResolutionLogits(_ input: Tensor) throws(TorchError) -> Tensor {
    try logits(input, atAllResolutions: false)[0]
  }

  private func logits(
    _ input: Tensor, atAllResolutions: Bool
  ) throws(TorchError) -> [Tensor] {
    var features = try input.laidOutForConvolutions()
    var skips: [Tensor] = []
    for (depth, stage) in encoder.enumerated() {
      for stack in stage { features = try stack(features) }
      if depth < encoder.count - 1 { skips.append(features) }
    }
    var outputs: [Tensor] = []
    for level in decoder.indices {
      let skip = skips.removeLast()
      let stride = configuration.poolStrides[decoder.count - 1 - level]
      let upsampled = try transposedConvolution(features, weight: upsampling[level], stride: stride)
      features = try .concatenate([upsampled, skip], axis: 1)
      for stack in decoder[level] { features = try stack(features) }
      if atAllResolutions || level == decoder.count - 1 {
        let unit = stride.map { _ in 1 }
        outputs.append(
          try convolution(
            features, weight: heads[level].weight, bias: heads[level].bias, stride: unit,
            padding: stride.map { _ in 0 }))
      }
    }
    return outputs.reversed()
  }
}

/// The parts, in terms of `depth` (0 is the highest resolution) and `level` (0 is the deepest
/// decoder level).
extension GenericUNet {
  private static func makeEncoder(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [[ConvolutionStack]] {
    let perStage = configuration.convolutionsPerStage
    let depths = configuration.poolStrides.count
    var stages: [[ConvolutionStack]] = []
    for depth in 0..<depths {
      stages.append([
        try ConvolutionStack(
          count: perStage,
          from: depth == 0
            ? configuration.inputChannels : configuration.features(atDepth: depth - 1),
          to: configuration.features(atDepth: depth), kernel: configuration.kernels[depth],
          firstStride: depth == 0 ? nil : configuration.poolStrides[depth - 1],
          configuration: configuration, in: scope / depth)
      ])
    }
    // The bottleneck's last convolution is a stack of its own, one name level deeper.
    let features = configuration.features(atDepth: depths)
    let kernel = configuration.kernels[depths]
    stages.append([
      try ConvolutionStack(
        count: perStage - 1, from: configuration.features(atDepth: depths - 1), to: features,
        kernel: kernel, firstStride: configuration.poolStrides[depths - 1],
        configuration: configuration, in: scope / depths / 0),
      try ConvolutionStack(
        count: 1, from: features, to: features, kernel: kernel, configuration: configuration,
        in: scope / depths / 1),
    ])
    return stages
  }

  private static func makeDecoder(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [[ConvolutionStack]] {
    let levels = configuration.poolStrides.count
    var result: [[ConvolutionStack]] = []
    for level in 0..<levels {
      let features = configuration.features(atDepth: levels - 1 - level)
      let kernel = configuration.kernels[levels - level]
      result.append([
        try ConvolutionStack(
          count: configuration.convolutionsPerStage - 1, from: 2 * features, to: features,
          kernel: kernel, configuration: configuration, in: scope / level / 0),
        try ConvolutionStack(
          count: 1, from: features, to: features, kernel: kernel, configuration: configuration,
          in: scope / level / 1),
      ])
    }
    return result
  }

  private static func makeUpsampling(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [Tensor] {
    let levels = configuration.poolStrides.count
    var weights: [Tensor] = []
    for level in 0..<levels {
      let depth = levels - 1 - level
      weights.append(
        try (scope / level).parameter(
          "weight",
          shape: [
            configuration.features(atDepth: depth + 1), configuration.features(atDepth: depth),
          ] + configuration.poolStrides[depth],
          .kaimingNormal(negativeSlope: configuration.initializationSlope)))
    }
    return weights
  }

  private static func makeHeads(
    _ configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) -> [Head] {
    let levels = configuration.poolStrides.count
    let unit = Array(repeating: 1, count: configuration.spatialRank)
    var heads: [Head] = []
    for level in 0..<levels {
      let features = configuration.features(atDepth: levels - 1 - level)
      let weight = try (scope / level).parameter(
        "weight", shape: [configuration.outputChannels, features] + unit,
        .kaimingNormal(negativeSlope: configuration.initializationSlope))
      let bias =
        configuration.headsHaveBias
        ? try (scope / level).parameter("bias", shape: [configuration.outputChannels], .zeros) : nil
      heads.append(Head(weight: weight, bias: bias))
    }
    return heads
  }
}
