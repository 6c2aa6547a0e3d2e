internal import CTorch

/// Convolves `(b, c, spatial…)` with `(out, in, kernel…)`; the number of strides gives the rank.
///
/// - Throws: ``TorchError/invalidArgument(operation:detail:)`` if the shapes do not fit.
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

/// Applies the leaky ReLU to a tensor that nothing else needs, in its own memory.
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
/// - Parameter amounts: Elements before and after, per axis, for the last `amounts.count` axes in
///   axis order.
public func padded(
  _ input: Tensor, by amounts: [(before: Int, after: Int)], value: Double = 0
) throws(TorchError) -> Tensor {
  try makeTensor("pad") { engine, out, message in
    withInts(amounts.reversed().flatMap { [$0.before, $0.after] }) {
      engine.pointee.network.pad(input.pointer, $0, value, out, message)
    }
  }
}
