import Torch

/// A layer of a network, or several in a row.
protocol NetworkLayer {
  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor
}

/// The parameters of a convolution, transposed or not.
struct ConvolutionParameters {
  var weight: Tensor
  var bias: Tensor?
}

/// The layers that all U-Nets here have, and the way of an image through them.
struct UNetLayers {
  /// The layers of each resolution, highest first; the last is the bottleneck.
  var encoder: [[any NetworkLayer]]
  /// The layers of each decoder level, the deepest first.
  var decoder: [[any NetworkLayer]]
  /// The transposed convolution to each decoder level.
  var upsampling: [ConvolutionParameters]
  /// The 1×1 convolution to the classes at each decoder level.
  var heads: [ConvolutionParameters]
  /// How much coarser each resolution is than the one before, beginning with the second.
  var strides: [[Int]]

  /// Computes logits from `(b, channels, spatial…)`.
  ///
  /// - Returns: `(b, classes, spatial…)` per decoder level, highest resolution first; without
  ///   `atAllResolutions` the highest alone.
  func logits(_ input: Tensor, atAllResolutions: Bool) throws(TorchError) -> [Tensor] {
    var features = try input.laidOutForConvolutions()
    var skips: [Tensor] = []
    for (depth, stage) in encoder.enumerated() {
      for layer in stage { features = try layer(features) }
      if depth < encoder.count - 1 { skips.append(features) }
    }
    var outputs: [Tensor] = []
    for level in decoder.indices {
      let stride = strides[decoder.count - 1 - level]
      let upsampled = try transposedConvolution(
        features, weight: upsampling[level].weight, bias: upsampling[level].bias, stride: stride)
      features = try .concatenate([upsampled, skips.removeLast()], axis: 1)
      for layer in decoder[level] { features = try layer(features) }
      guard atAllResolutions || level == decoder.count - 1 else { continue }
      outputs.append(
        try convolution(
          features, weight: heads[level].weight, bias: heads[level].bias,
          stride: stride.map { _ in 1 }, padding: stride.map { _ in 0 }))
    }
    return outputs.reversed()
  }
}
