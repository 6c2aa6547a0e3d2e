import Arrays

/// Adds to every voxel of a channel a multiple of its difference from its neighbours.
///
/// Neighbours are those along the axes; values beyond the border are 0. The result is clipped to
/// the previous range of the channel. Source: batchgenerators, `SharpeningTransform`.
package struct Sharpening: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.2
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The range of the multiple.
  package var strength = 0.1...1.0

  package init(
    probability: Double = 0.2, channelProbability: Double = 0.5,
    strength: ClosedRange<Double> = 0.1...1.0
  ) {
    self.probability = probability
    self.channelProbability = channelProbability
    self.strength = strength
  }

  /// The multiple per channel; `nil` for channels that are not changed.
  package struct Parameters: Hashable, Sendable {
    package var strengths: [Double?]

    package init(strengths: [Double?]) { self.strengths = strengths }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      strengths: generator.perChannel(channels, probability: channelProbability) {
        $0.uniform(in: strength)
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, strength) in parameters.strengths.enumerated() {
      guard let strength else { continue }
      let source = sample.channel(channel).scalars
      sample.withChannel(channel) { sharpen(source, into: $0, shape: shape, strength: strength) }
    }
  }
}

private func sharpen(
  _ source: [Float], into target: UnsafeMutableBufferPointer<Float>, shape: [Int],
  strength: Double
) {
  guard !source.isEmpty else { return }
  let range = source.withUnsafeBufferPointer { valueRange($0) }
  let (weight, center) = (Float(strength), Float(1 + 2 * Double(shape.count) * strength))
  for index in target.indices { target[index] = center * source[index] }
  var stride = 1
  for extent in shape.reversed() {
    for slab in Swift.stride(from: 0, to: source.count, by: stride * extent) {
      // Along this axis, the voxels of a slab have a next neighbour, except in the last layer.
      for index in slab..<slab + stride * (extent - 1) {
        target[index] -= weight * source[index + stride]
        target[index + stride] -= weight * source[index]
      }
    }
    stride *= extent
  }
  for index in target.indices {
    target[index] = min(max(target[index], range.lowerBound), range.upperBound)
  }
}
