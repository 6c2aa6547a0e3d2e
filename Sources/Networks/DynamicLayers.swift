import Torch

extension NormalizedConvolution {
  /// v2's `ConvDropoutNormReLU`: `conv.*` and `norm.*` in `scope`.
  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: DynamicUNetConfiguration, hasBias: Bool? = nil, isLinear: Bool = false,
    scaleStart: Initialization = .ones, in scope: ParameterScope
  ) throws(TorchError) {
    var style = Style(configuration)
    style.hasBias = hasBias ?? style.hasBias
    try self.init(
      from: inputs, to: features, kernel: kernel, stride: stride,
      style: isLinear ? style.linear : style, scaleStart: scaleStart, convolution: scope / "conv",
      norm: scope / "norm")
  }
}

/// v2's `BasicBlockD`: two convolutions around which the input is added to the result.
///
/// The input goes through an average over the stride's window if there is a stride, and through a
/// 1×1 convolution if the number of features changes.
struct DynamicResidualBlock: NetworkLayer {
  private let first: NormalizedConvolution
  private let second: NormalizedConvolution
  private let pooling: [Int]?
  private let projection: NormalizedConvolution?
  private let nonlinearity: Nonlinearity

  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    let unit = stride.map { _ in 1 }
    first = try NormalizedConvolution(
      from: inputs, to: features, kernel: kernel, stride: stride, configuration: configuration,
      in: scope / "conv1")
    // Starts as the identity: the sum is only the skip.
    second = try NormalizedConvolution(
      from: features, to: features, kernel: kernel, stride: unit, configuration: configuration,
      isLinear: true, scaleStart: .zeros, in: scope / "conv2")
    pooling = stride == unit ? nil : stride
    projection =
      inputs == features
      ? nil
      : try NormalizedConvolution(
        from: inputs, to: features, kernel: unit, stride: unit, configuration: configuration,
        hasBias: false, isLinear: true, in: scope / "skip" / (stride == unit ? 0 : 1))
    nonlinearity = configuration.nonlinearity
  }

  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    var skip = input
    if let pooling { skip = try averagePool(skip, stride: pooling) }
    if let projection { skip = try projection(skip) }
    return try nonlinearity(second(first(input)) + skip)
  }
}
