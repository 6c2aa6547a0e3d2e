import Torch

/// v2's `ConvDropoutNormReLU`: convolution, normalization and, where wanted, the nonlinearity.
struct DynamicBlock: NetworkLayer {
  private let weight: Tensor
  private let bias: Tensor?
  private let normalizer: Normalizer
  private let nonlinearity: Nonlinearity?
  private let stride: [Int]
  private let padding: [Int]

  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: DynamicUNetConfiguration, hasBias: Bool? = nil, isLinear: Bool = false,
    scaleStart: Initialization = .ones, in scope: ParameterScope
  ) throws(TorchError) {
    weight = try (scope / "conv").parameter(
      "weight", shape: [features, inputs] + kernel, .kaimingNormal(negativeSlope: 0.01))
    bias =
      hasBias ?? configuration.convolutionsHaveBias
      ? try (scope / "conv").parameter("bias", shape: [features], .zeros) : nil
    normalizer = try Normalizer(
      configuration.normalization, features: features, rank: kernel.count,
      epsilon: configuration.normalizationEpsilon, scaleStart: scaleStart, in: scope / "norm")
    nonlinearity = isLinear ? nil : configuration.nonlinearity
    self.stride = stride
    padding = kernel.map { $0 / 2 }
  }

  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    let convolved = try convolution(
      input, weight: weight, bias: bias, stride: stride, padding: padding)
    guard let nonlinearity else { return try normalizer(convolved) }
    return try normalizer(convolved, then: nonlinearity)
  }
}

/// v2's `BasicBlockD`: two convolutions around which the input is added to the result.
///
/// The input goes through an average over the stride's window where there is a stride, and through a
/// 1×1 convolution where the number of features changes.
struct DynamicResidualBlock: NetworkLayer {
  private let first: DynamicBlock
  private let second: DynamicBlock
  private let pooling: [Int]?
  private let projection: DynamicBlock?
  private let nonlinearity: Nonlinearity

  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: DynamicUNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    let unit = stride.map { _ in 1 }
    first = try DynamicBlock(
      from: inputs, to: features, kernel: kernel, stride: stride, configuration: configuration,
      in: scope / "conv1")
    // Starts as the identity: the sum is the skip alone.
    second = try DynamicBlock(
      from: features, to: features, kernel: kernel, stride: unit, configuration: configuration,
      isLinear: true, scaleStart: .zeros, in: scope / "conv2")
    pooling = stride == unit ? nil : stride
    projection =
      inputs == features
      ? nil
      : try DynamicBlock(
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
