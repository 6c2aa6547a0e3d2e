import Arrays

/// Adds a bell to channels: one side of the image becomes brighter or darker.
///
/// Source: batchgenerators, `BrightnessGradientAdditiveTransform`, not centred.
package struct BrightnessGradient: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.3
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The range of the bell's height; half of the bells are negative.
  package var strength = 1.0...5.0
  /// The extents of the samples.
  package var patchSize: [Int]

  package init(patchSize: [Int]) { self.patchSize = patchSize }

  /// A bell and its height for each channel.
  package typealias Parameters = LocalBells

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return .draw(
      channels: channels, probability: channelProbability, shape: patchSize, using: &generator
    ) { generator in
      let sign = generator.bernoulli(0.5) ? -1.0 : 1.0
      return sign * generator.uniform(in: strength)
    }
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    parameters.forEach(in: &sample) { voxels, bell, strength in
      var highest = 1e-8
      bell.forEach(shape: shape) { highest = max(highest, $1) }
      bell.forEach(shape: shape) { index, weight in
        voxels[index] = Float(Double(voxels[index]) + weight / highest * strength)
      }
    }
  }
}
