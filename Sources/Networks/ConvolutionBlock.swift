public import Torch

/// Convolution, normalization and nonlinearity: the unit that U-Nets are built of.
public struct ConvolutionBlock: NetworkLayer {
  private let weight: Tensor
  private let bias: Tensor
  private let normalizer: Normalizer
  private let stride: [Int]
  private let padding: [Int]
  private let nonlinearity: Nonlinearity
  private let normalizesAfterNonlinearity: Bool

  /// Creates the block's parameters, `conv.*` and `instnorm.*`, in `scope`.
  ///
  /// The normalization is called `instnorm` whatever it is, as in v1.
  public init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    let convolution = scope / "conv"
    weight = try convolution.parameter(
      "weight", shape: [features, inputs] + kernel,
      .kaimingNormal(negativeSlope: configuration.initializationSlope))
    bias = try convolution.parameter("bias", shape: [features], .zeros)
    normalizer = try Normalizer(
      configuration.normalization, features: features, rank: kernel.count,
      epsilon: configuration.normalizationEpsilon, in: scope / "instnorm")
    self.stride = stride
    padding = kernel.map { $0 / 2 }
    nonlinearity = configuration.nonlinearity
    normalizesAfterNonlinearity = configuration.normalizesAfterNonlinearity
  }

  /// Applies the block to `(b, inputs, spatial…)`.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    let convolved = try convolution(
      input, weight: weight, bias: bias, stride: stride, padding: padding)
    return try finish(convolved)
  }

  private func finish(_ convolved: Tensor) throws(TorchError) -> Tensor {
    normalizesAfterNonlinearity
      ? try normalizer(nonlinearity(convolved)) : try normalizer(convolved, then: nonlinearity)
  }

  /// Applies the block with convolutions in bfloat16, but input and weights each as the sum of two
  /// numbers of that type: what is lost of a product is 2⁻¹⁶ of it.
  ///
  /// Takes as long as three times the channels, which for the few channels of an image is no longer.
  func splitting(_ input: Tensor) throws(TorchError) -> Tensor {
    let (high, low) = try parts(of: input)
    let (weightHigh, weightLow) = try parts(of: weight)
    return try finish(
      convolution(
        .concatenate([high, low, high], axis: 1).laidOutForConvolutions(),
        weight: .concatenate([weightHigh, weightHigh, weightLow], axis: 1), bias: bias,
        stride: stride, padding: padding))
  }

  /// How many channels it takes.
  var inputChannels: Int { weight.shape[1] }

  private func parts(of values: Tensor) throws(TorchError) -> (high: Tensor, low: Tensor) {
    let high = try values.converted(to: .bfloat16)
    return (high, try (values - high.converted(to: .float32)).converted(to: .bfloat16))
  }
}

/// Several blocks in a row; the first one may change the resolution.
public struct ConvolutionStack: NetworkLayer {
  let blocks: [ConvolutionBlock]

  /// Creates `count` blocks as `blocks.0`, `blocks.1`, … in `scope`.
  public init(
    count: Int, from inputs: Int, to features: Int, kernel: [Int], firstStride: [Int]? = nil,
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    let unit = kernel.map { _ in 1 }
    var blocks: [ConvolutionBlock] = []
    for index in 0..<count {
      blocks.append(
        try ConvolutionBlock(
          from: index == 0 ? inputs : features, to: features, kernel: kernel,
          stride: index == 0 ? firstStride ?? unit : unit, configuration: configuration,
          in: scope / "blocks" / index))
    }
    self.blocks = blocks
  }

  /// Applies the blocks in turn.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    var output = input
    for block in blocks { output = try block(output) }
    return output
  }
}
