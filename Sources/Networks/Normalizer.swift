import Torch

/// A normalization with its parameters and, for batch normalization, its running averages.
struct Normalizer {
  private enum Kind {
    case none
    case instance(scale: Tensor, shift: Tensor)
    case group(count: Int, scale: Tensor, shift: Tensor)
    case filterResponse(scale: Tensor, shift: Tensor, threshold: Tensor)
    case batch(scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, steps: Tensor)
  }

  private let kind: Kind
  private let epsilon: Double

  /// Creates `weight` and `bias` (and whatever else the kind needs) in `scope`.
  ///
  /// - Parameters:
  ///   - normalization: The kind.
  ///   - features: The number of channels.
  ///   - rank: The number of spatial axes.
  ///   - epsilon: The number that is added to variances before their square roots are taken.
  ///   - scaleStart: The initial value of `weight`.
  ///   - scope: Where the parameters are.
  /// - Throws: `TorchError.outOfMemory(detail:)` if the device has too little memory for the
  ///   parameters.
  init(
    _ normalization: FeatureNormalization, features: Int, rank: Int, epsilon: Double,
    scaleStart: Initialization = .ones, in scope: ParameterScope
  ) throws(TorchError) {
    self.epsilon = epsilon
    if normalization == .none {
      kind = .none
      return
    }
    if normalization == .filterResponse {
      let shape = [1, features] + Array(repeating: 1, count: rank)
      kind = .filterResponse(
        scale: try scope.parameter("weight", shape: shape, scaleStart),
        shift: try scope.parameter("bias", shape: shape, .zeros),
        threshold: try scope.parameter("tau", shape: shape, .zeros))
      return
    }
    let scale = try scope.parameter("weight", shape: [features], scaleStart)
    let shift = try scope.parameter("bias", shape: [features], .zeros)
    switch normalization {
    case .instance: kind = .instance(scale: scale, shift: shift)
    case .group(let count): kind = .group(count: count, scale: scale, shift: shift)
    case .batch:
      kind = .batch(
        scale: scale, shift: shift,
        mean: try scope.buffer("running_mean", shape: [features], .zeros),
        variance: try scope.buffer("running_var", shape: [features], .ones),
        steps: try scope.buffer("num_batches_tracked", shape: [], .zeros))
    case .none, .filterResponse: kind = .none
    }
  }

  /// Normalizes `(b, features, spatial…)`.
  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    switch kind {
    case .none: return input
    case .instance(let scale, let shift):
      return try instanceNorm(input, weight: scale, bias: shift, epsilon: epsilon)
    case .group(let count, let scale, let shift):
      return try groupNorm(input, groups: count, weight: scale, bias: shift, epsilon: epsilon)
    case .filterResponse(let scale, let shift, let threshold):
      return try filterResponse(input, scale: scale, shift: shift, threshold: threshold)
    case .batch(let scale, let shift, let mean, let variance, let steps):
      return try batchNorm(
        input, weight: scale, bias: shift,
        running: BatchStatistics(mean: mean, variance: variance, steps: steps), momentum: 0.1,
        epsilon: epsilon)
    }
  }

  /// Divides by the root mean square over space; squares are too large or small for short types.
  private func filterResponse(
    _ input: Tensor, scale: Tensor, shift: Tensor, threshold: Tensor
  ) throws(TorchError) -> Tensor {
    let values = try input.converted(to: .float32)
    let square = try (values * values).mean(axes: Array(2..<input.rank), keepingAxes: true)
    let normalized = try values / (square + Self.filterResponseEpsilon).squareRoot()
    return try (scale * normalized + shift).maximum(threshold)
  }

  /// Whether no nonlinearity follows.
  private var isFilterResponse: Bool {
    if case .filterResponse = kind { return true }
    return false
  }

  /// v1's, independent of other normalizations.
  private static let filterResponseEpsilon = 1e-6

  /// Normalizes and applies a nonlinearity, in one pass if there is code for that.
  func callAsFunction(
    _ input: Tensor, then nonlinearity: Nonlinearity
  ) throws(TorchError) -> Tensor {
    if case .instance(let scale, let shift) = kind, let slope = nonlinearity.slope {
      return try instanceNormLeakyReLU(
        input, weight: scale, bias: shift, epsilon: epsilon, slope: slope)
    }
    return isFilterResponse ? try self(input) : try nonlinearity(self(input))
  }
}

extension Nonlinearity {
  /// The slope below zero if the function is linear on both sides of it.
  var slope: Double? {
    switch self {
    case .leakyReLU(let slope): slope
    case .relu: 0
    case .gelu, .mish: nil
    }
  }

  /// Applies the function element by element.
  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    switch self {
    case .leakyReLU(let slope): try Torch.leakyReLU(input, slope: slope)
    case .relu: try Torch.leakyReLU(input, slope: 0)
    case .gelu: try Torch.gelu(input)
    case .mish: try Torch.mish(input)
    }
  }
}
