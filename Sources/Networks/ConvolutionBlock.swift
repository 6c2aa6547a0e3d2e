public import Torch

/// Convolution, normalization and nonlinearity: the building block of U-Nets.
public struct ConvolutionBlock: UNetBlock {
  private let layer: NormalizedConvolution
  /// The function before the normalization instead of after it; nil for none.
  private let earlyNonlinearity: Nonlinearity?

  /// Creates the block's parameters, `conv.*` and `instnorm.*`, in `scope`.
  ///
  /// The name of the normalization is always `instnorm`, as in v1.
  public init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    let style = NormalizedConvolution.Style(configuration, hasBias: true)
    let isEarly = configuration.normalizesAfterNonlinearity
    layer = try NormalizedConvolution(
      from: inputs, to: features, kernel: kernel, stride: stride,
      style: isEarly ? style.linear : style, convolution: scope / "conv", norm: scope / "instnorm")
    earlyNonlinearity = isEarly ? configuration.nonlinearity : nil
  }

  /// Applies the block to `(b, inputs, spatial…)`.
  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try finish(layer.convolve(input))
  }

  private func finish(_ convolved: Tensor) throws(TorchError) -> Tensor {
    guard let earlyNonlinearity else { return try layer.finish(convolved) }
    return try layer.finish(earlyNonlinearity(convolved))
  }

  /// Applies the block with convolutions in bfloat16, but with input and weights each as the sum of
  /// two numbers of that type: the relative error of a product is 2⁻¹⁶.
  ///
  /// Takes as long as three times the channels; for the few channels of an image, that is no
  /// longer.
  func splitting(_ input: Tensor) throws(TorchError) -> Tensor {
    let (high, low) = try parts(of: input)
    let (weightHigh, weightLow) = try parts(of: layer.weight)
    return try finish(
      convolution(
        .concatenate([high, low, high], axis: 1).laidOutForConvolutions(),
        weight: .concatenate([weightHigh, weightHigh, weightLow], axis: 1), bias: layer.bias,
        stride: layer.stride, padding: layer.padding))
  }

  /// The number of input channels.
  var inputChannels: Int { layer.weight.shape[1] }

  private func parts(of values: Tensor) throws(TorchError) -> (high: Tensor, low: Tensor) {
    let high = try values.converted(to: .bfloat16)
    return (high, try (values - high.converted(to: .float32)).converted(to: .bfloat16))
  }
}

/// Several blocks in a row; the first one may change the resolution.
package struct ConvolutionStack: NetworkLayer {
  let blocks: [any NetworkLayer]

  /// Creates `count` blocks as `blocks.0`, `blocks.1`, … in `scope`.
  ///
  /// - Parameters:
  ///   - count: The number of blocks.
  ///   - block: The kind of the blocks.
  ///   - inputs: The input channels of the first block.
  ///   - features: The output channels of each block.
  ///   - kernel: The extents of the convolutions.
  ///   - firstStride: The stride of the first block; nil for 1.
  ///   - configuration: The network that they are part of.
  ///   - scope: Where the parameters are.
  /// - Throws: `TorchError.outOfMemory(detail:)` if the device has too little memory for the
  ///   parameters.
  package init(
    count: Int, of block: any UNetBlock.Type = ConvolutionBlock.self, from inputs: Int,
    to features: Int, kernel: [Int], firstStride: [Int]? = nil,
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    let unit = kernel.map { _ in 1 }
    var blocks: [any NetworkLayer] = []
    for index in 0..<count {
      blocks.append(
        try block.init(
          from: index == 0 ? inputs : features, to: features, kernel: kernel,
          stride: index == 0 ? firstStride ?? unit : unit, configuration: configuration,
          in: scope / "blocks" / index))
    }
    self.blocks = blocks
  }

  /// Applies the blocks in turn.
  package func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    var output = input
    for block in blocks { output = try block(output) }
    return output
  }
}
