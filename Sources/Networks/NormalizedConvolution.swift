import Torch

/// A convolution, a normalization and, if requested, a nonlinearity: the parts of all networks'
/// blocks.
struct NormalizedConvolution: NetworkLayer {
  let weight: Tensor
  let bias: Tensor?
  let normalizer: Normalizer
  /// Nil for none.
  let nonlinearity: Nonlinearity?
  let stride: [Int]
  let padding: [Int]

  /// The properties of a network's layers, independent of their names.
  struct Style {
    var normalization: FeatureNormalization
    var epsilon: Double
    /// The slope for which weights are drawn.
    var slope: Double
    /// Nil for none.
    var nonlinearity: Nonlinearity?
    var hasBias: Bool

    init(_ configuration: UNetConfiguration, hasBias: Bool) {
      normalization = configuration.normalization
      epsilon = configuration.normalizationEpsilon
      slope = configuration.initializationSlope
      nonlinearity = configuration.nonlinearity
      self.hasBias = hasBias
    }

    init(_ configuration: DynamicUNetConfiguration) {
      normalization = configuration.normalization
      epsilon = configuration.normalizationEpsilon
      slope = 0.01
      nonlinearity = configuration.nonlinearity
      hasBias = configuration.convolutionsHaveBias
    }

    /// The same without a nonlinearity.
    var linear: Style {
      var style = self
      style.nonlinearity = nil
      return style
    }
  }

  /// Creates the convolution's `weight` and `bias`, then the normalization's parameters.
  ///
  /// - Parameters:
  ///   - inputs: The number of input channels.
  ///   - features: The number of output channels.
  ///   - kernel: The extents of the convolution, all odd; `(z, y, x)` or `(y, x)`.
  ///   - stride: As many numbers as `kernel`.
  ///   - style: The properties of the network's layers.
  ///   - scaleStart: The initial factor of the normalization.
  ///   - convolution: The scope of the convolution.
  ///   - norm: The scope of the normalization.
  /// - Throws: `TorchError.outOfMemory(detail:)` if the device has too little memory for the
  ///   parameters.
  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int], style: Style,
    scaleStart: Initialization = .ones, convolution: ParameterScope, norm: ParameterScope
  ) throws(TorchError) {
    weight = try convolution.parameter(
      "weight", shape: [features, inputs] + kernel, .kaimingNormal(negativeSlope: style.slope))
    bias = style.hasBias ? try convolution.parameter("bias", shape: [features], .zeros) : nil
    normalizer = try Normalizer(
      style.normalization, features: features, rank: kernel.count, epsilon: style.epsilon,
      scaleStart: scaleStart, in: norm)
    nonlinearity = style.nonlinearity
    self.stride = stride
    padding = kernel.map { $0 / 2 }
  }

  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor { try finish(convolve(input)) }

  /// The convolution alone.
  func convolve(_ input: Tensor) throws(TorchError) -> Tensor {
    try convolution(input, weight: weight, bias: bias, stride: stride, padding: padding)
  }

  /// The layers after the convolution.
  func finish(_ convolved: Tensor) throws(TorchError) -> Tensor {
    guard let nonlinearity else { return try normalizer(convolved) }
    return try normalizer(convolved, then: nonlinearity)
  }
}
