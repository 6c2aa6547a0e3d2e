import Arrays

/// Multiplies every channel by its own factor.
///
/// Source: batchgenerators, `augment_brightness_multiplicative`.
package struct BrightnessMultiplication: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.15
  /// The range of the factors.
  package var factor = 0.75...1.25

  package init(probability: Double = 0.15, factor: ClosedRange<Double> = 0.75...1.25) {
    self.probability = probability
    self.factor = factor
  }

  /// One factor per channel.
  package struct Parameters: Hashable, Sendable {
    package var factors: [Double]

    package init(factors: [Double]) { self.factors = factors }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(factors: (0..<channels).map { _ in generator.uniform(in: factor) })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for (channel, factor) in parameters.factors.enumerated() {
      let factor = Float(factor)
      sample.withChannel(channel) { voxels in
        for index in voxels.indices { voxels[index] *= factor }
      }
    }
  }
}
