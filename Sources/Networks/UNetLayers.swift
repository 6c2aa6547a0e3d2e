import Torch

/// The parameters of a convolution, transposed or not.
struct ConvolutionParameters {
  var weight: Tensor
  var bias: Tensor?
}

/// The layers of all U-Nets here, and the path of an image through them.
struct UNetLayers {
  /// The layers of each resolution, highest first; the last is the bottleneck.
  var encoder: [[any NetworkLayer]]
  /// The layers of each decoder level, the deepest first.
  var decoder: [[any NetworkLayer]]
  /// The transposed convolution to each decoder level.
  var upsampling: [ConvolutionParameters]
  /// The 1×1 convolution to the classes at each decoder level.
  var heads: [ConvolutionParameters]
  /// How much coarser each resolution is than the previous one, beginning with the second.
  var strides: [[Int]]

  /// Computes logits from `(b, channels, spatial…)`.
  ///
  /// - Parameters:
  ///   - input: The images.
  ///   - atAllResolutions: Whether the lower resolutions have outputs, too.
  ///   - precisely: Whether layers next to the image and to the logits are computed more exactly
  ///     where others are in bfloat16. Their rounding errors reach the logits least averaged: they
  ///     make most of bfloat16's error, and take little of the time.
  /// - Returns: `(b, classes, spatial…)` per decoder level, highest resolution first; without
  ///   `atAllResolutions`, only the highest.
  /// - Throws: `TorchError.outOfMemory(detail:)`, or
  ///   `TorchError.invalidArgument(operation:detail:)` if the sizes are not multiples of the
  ///   strides.
  func logits(
    _ input: Tensor, atAllResolutions: Bool, precisely: Bool = false
  ) throws(TorchError) -> [Tensor] {
    var isShort = false
    if precisely, input.device.kind == .cpu { isShort = try isAutocasting(on: input.device) }
    var (features, skips) = try encode(input, precisely: isShort)
    var outputs: [Tensor] = []
    for level in decoder.indices {
      let isLast = level == decoder.count - 1
      let skip = skips.removeLast()
      let upsampled = try apply(
        precisely: isShort && isLast, to: features
      ) { (features) throws(TorchError) in
        let upsampled = try upsample(features, level: level)
        return isShort ? try upsampled.converted(to: skip.scalarType) : upsampled
      }
      features = try .concatenate([upsampled, skip], axis: 1)
      for (index, layer) in decoder[level].enumerated() {
        let isNearLogits = level >= decoder.count - 2 && index == decoder[level].count - 1
        features = try apply(
          precisely: isShort && isNearLogits, to: features, layer.callAsFunction)
      }
      guard isLast || atAllResolutions else { continue }
      outputs.append(
        try apply(precisely: isShort, to: features) { (features) throws(TorchError) in
          try head(features, level: level)
        })
    }
    return outputs.reversed()
  }

  /// The features of the bottleneck and, highest resolution first, of the levels before it.
  private func encode(
    _ input: Tensor, precisely: Bool
  ) throws(TorchError) -> (Tensor, skips: [Tensor]) {
    var features = try input.laidOutForConvolutions()
    var skips: [Tensor] = []
    for (depth, stage) in encoder.enumerated() {
      for (index, layer) in stage.enumerated() {
        let seesImage = precisely && depth == 0 && index == 0
        if seesImage, let block = layer as? ConvolutionBlock,
          block.inputChannels <= Self.channelsToSplit
        {
          features = try block.splitting(features)
        } else {
          features = try apply(precisely: seesImage, to: features, layer.callAsFunction)
        }
      }
      if depth < encoder.count - 1 { skips.append(features) }
    }
    return (features, skips)
  }

  /// Three times as many still fit into the 16 channels of one bfloat16 multiplication.
  private static let channelsToSplit = 5

  /// Applies a layer, on request in 32-bit floats.
  private func apply(
    precisely: Bool, to input: Tensor, _ layer: (Tensor) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor {
    guard precisely else { return try layer(input) }
    return try withoutAutocast(on: input.device) { () throws(TorchError) in
      try layer(input.converted(to: .float32))
    }
  }

  private func upsample(_ features: Tensor, level: Int) throws(TorchError) -> Tensor {
    try transposedConvolution(
      features, weight: upsampling[level].weight, bias: upsampling[level].bias,
      stride: strides[decoder.count - 1 - level])
  }

  private func head(_ features: Tensor, level: Int) throws(TorchError) -> Tensor {
    let axes = features.rank - 2
    return try convolution(
      features, weight: heads[level].weight, bias: heads[level].bias,
      stride: Array(repeating: 1, count: axes), padding: Array(repeating: 0, count: axes))
  }
}
