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
  /// - Parameter precisely: Whether layers next to the image and to the logits are computed in 32-bit
  ///   floats where others are in bfloat16. What they round reaches the logits least averaged: they make
  ///   most of bfloat16's error, and little of the time.
  /// - Returns: `(b, classes, spatial…)` per decoder level, highest resolution first; without
  ///   `atAllResolutions` the highest alone.
  func logits(
    _ input: Tensor, atAllResolutions: Bool, precisely: Bool = false
  ) throws(TorchError) -> [Tensor] {
    var features = try input.laidOutForConvolutions()
    var skips: [Tensor] = []
    for (depth, stage) in encoder.enumerated() {
      for (index, layer) in stage.enumerated() {
        features =
          precisely && depth == 0 && index == 0
          ? try inFullPrecision(features, layer.callAsFunction) : try layer(features)
      }
      if depth < encoder.count - 1 { skips.append(features) }
    }
    var outputs: [Tensor] = []
    for level in decoder.indices {
      let isLast = level == decoder.count - 1
      let stride = strides[decoder.count - 1 - level]
      let upsampled = try transposedConvolution(
        features, weight: upsampling[level].weight, bias: upsampling[level].bias, stride: stride)
      features = try .concatenate([upsampled, skips.removeLast()], axis: 1)
      for layer in decoder[level].dropLast() { features = try layer(features) }
      guard let layer = decoder[level].last else { continue }
      if isLast, precisely {
        outputs.append(
          try inFullPrecision(features) { (features) throws(TorchError) in
            try head(layer(features), level: level)
          })
      } else {
        features = try layer(features)
        if isLast || atAllResolutions { outputs.append(try head(features, level: level)) }
      }
    }
    return outputs.reversed()
  }

  /// Applies a layer in 32-bit floats on devices whose shorter type is bfloat16.
  private func inFullPrecision(
    _ input: Tensor, _ layer: (Tensor) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor {
    guard input.device.kind == .cpu else { return try layer(input) }
    return try withoutAutocast(on: input.device) { () throws(TorchError) in
      try layer(input.scalarType == .bfloat16 ? input.converted(to: .float32) : input)
    }
  }

  private func head(_ features: Tensor, level: Int) throws(TorchError) -> Tensor {
    let axes = features.rank - 2
    return try convolution(
      features, weight: heads[level].weight, bias: heads[level].bias,
      stride: Array(repeating: 1, count: axes), padding: Array(repeating: 0, count: axes))
  }
}
