internal import CTorch
import HostSystem

/// Convolves `(b, c, spatial…)` with `(out, in, kernel…)`; the number of strides gives the rank.
///
/// - Throws: ``TorchError/invalidArgument(operation:detail:)`` if the shapes do not match.
public func convolution(
  _ input: Tensor, weight: Tensor, bias: Tensor? = nil, stride: [Int], padding: [Int]
) throws(TorchError) -> Tensor {
  try anyConvolution(
    input, weight: weight, bias: bias, stride: stride, padding: padding, transposed: false)
}

/// Convolves `(b, c, spatial…)` transposed with `(in, out, kernel…)`, without padding.
public func transposedConvolution(
  _ input: Tensor, weight: Tensor, bias: Tensor? = nil, stride: [Int]
) throws(TorchError) -> Tensor {
  try anyConvolution(
    input, weight: weight, bias: bias, stride: stride, padding: stride.map { _ in 0 },
    transposed: true)
}

private func anyConvolution(
  _ input: Tensor, weight: Tensor, bias: Tensor?, stride: [Int], padding: [Int], transposed: Bool
) throws(TorchError) -> Tensor {
  try makeTensor(transposed ? "transposedConvolution" : "convolution") { engine, out, message in
    withInts(stride) { stride in
      withInts(padding) { padding in
        engine.pointee.network.convolution(
          input.pointer, weight.pointer, bias?.pointer, stride, padding, transposed, out, message)
      }
    }
  }
}

/// Normalizes each channel of each sample over space, then scales by `weight` and adds `bias`.
public func instanceNorm(
  _ input: Tensor, weight: Tensor, bias: Tensor, epsilon: Double
) throws(TorchError) -> Tensor {
  try makeTensor("instanceNorm") { engine, out, message in
    engine.pointee.network.instanceNorm(
      input.pointer, weight.pointer, bias.pointer, epsilon, out, message)
  }
}

/// `x` where positive, `slope * x` elsewhere.
public func leakyReLU(_ input: Tensor, slope: Double) throws(TorchError) -> Tensor {
  try makeTensor("leakyReLU") { engine, out, message in
    engine.pointee.network.leakyReLU(input.pointer, slope, out, message)
  }
}

/// Applies the leaky ReLU in place to a tensor that nothing else needs.
public func leakyReLU(overwriting input: Tensor, slope: Double) throws(TorchError) -> Tensor {
  try check("leakyReLU") {
    loadedEngine.pointee.network.leakyReLUInPlace(input.pointer, slope, $0)
  }
  return input
}

/// Exponentials that sum to one along `axis`.
public func softmax(_ input: Tensor, axis: Int) throws(TorchError) -> Tensor {
  try makeTensor("softmax") { engine, out, message in
    engine.pointee.network.softmax(input.pointer, Int64(axis), out, message)
  }
}

/// The mean cross entropy of logits `(b, k, spatial…)` and int64 labels `(b, spatial…)`.
public func crossEntropy(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
  try makeTensor("crossEntropy") { engine, out, message in
    engine.pointee.network.crossEntropy(logits.pointer, labels.pointer, out, message)
  }
}

/// Surrounds the last axes with a constant.
///
/// - Parameters:
///   - input: Any tensor of at least `amounts.count` axes.
///   - amounts: Elements before and after, per axis, for the last `amounts.count` axes in axis
///     order.
///   - value: The constant.
/// - Returns: A tensor whose last axes are longer by both amounts.
/// - Throws: ``TorchError/outOfMemory(detail:)``, or
///   ``TorchError/invalidArgument(operation:detail:)`` for more amounts than axes.
public func padded(
  _ input: Tensor, by amounts: [(before: Int, after: Int)], value: Double = 0
) throws(TorchError) -> Tensor {
  try makeTensor("pad") { engine, out, message in
    withInts(amounts.reversed().flatMap { [$0.before, $0.after] }) {
      engine.pointee.network.pad(input.pointer, $0, value, out, message)
    }
  }
}

/// Normalizes groups of channels of each sample over space, then scales and shifts channels.
public func groupNorm(
  _ input: Tensor, groups: Int, weight: Tensor, bias: Tensor, epsilon: Double
) throws(TorchError) -> Tensor {
  try makeTensor("groupNorm") { engine, out, message in
    engine.pointee.network.groupNorm(
      input.pointer, Int64(groups), weight.pointer, bias.pointer, epsilon, out, message)
  }
}

/// Instance normalization followed by a leaky ReLU, in one pass over the elements on the CPU.
///
/// Statistics are float32 for all element types; other devices use libtorch's two operations.
package func instanceNormLeakyReLU(
  _ input: Tensor, weight: Tensor, bias: Tensor, epsilon: Double, slope: Double
) throws(TorchError) -> Tensor {
  try makeTensor("instanceNormLeakyReLU") { engine, out, message in
    engine.pointee.network.instanceNormLeakyReLU(
      input.pointer, weight.pointer, bias.pointer, epsilon, slope, out, message)
  }
}

/// The running averages of a batch normalization, updated in place.
package struct BatchStatistics {
  package var mean: Tensor
  package var variance: Tensor
  /// The number of averaged batches.
  package var steps: Tensor

  package init(mean: Tensor, variance: Tensor, steps: Tensor) {
    self.mean = mean
    self.variance = variance
    self.steps = steps
  }
}

/// Normalizes each channel over batch and space.
///
/// While gradients are recorded, with the statistics of the batch, which also move the running
/// averages by `momentum`; otherwise with the running averages.
package func batchNorm(
  _ input: Tensor, weight: Tensor, bias: Tensor, running: BatchStatistics, momentum: Double,
  epsilon: Double
) throws(TorchError) -> Tensor {
  try makeTensor("batchNorm") { engine, out, message in
    engine.pointee.network.batchNorm(
      input.pointer, weight.pointer, bias.pointer, running.mean.pointer, running.variance.pointer,
      running.steps.pointer, momentum, epsilon, out, message)
  }
}

/// The Gaussian error linear unit, `x · Φ(x)`.
public func gelu(_ input: Tensor) throws(TorchError) -> Tensor {
  try makeTensor("gelu") { engine, out, message in
    engine.pointee.network.gelu(input.pointer, out, message)
  }
}

/// `x · tanh(softplus(x))`.
public func mish(_ input: Tensor) throws(TorchError) -> Tensor {
  try makeTensor("mish") { engine, out, message in
    engine.pointee.network.mish(input.pointer, out, message)
  }
}

/// Averages over windows of the stride's size.
public func averagePool(_ input: Tensor, stride: [Int]) throws(TorchError) -> Tensor {
  try makeTensor("averagePool") { engine, out, message in
    withInts(stride) { engine.pointee.network.averagePool(input.pointer, $0, out, message) }
  }
}
