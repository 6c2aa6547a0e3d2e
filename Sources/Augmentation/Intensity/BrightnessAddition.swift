import Arrays

/// Adds a number to channels; not part of nnU-Net's default.
///
/// Source: batchgenerators, `augment_brightness_additive`.
package struct BrightnessAddition: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.15
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The mean of the normal distribution of the summands.
  package var mean = 0.0
  /// The standard deviation of the normal distribution of the summands.
  package var standardDeviation = 0.1

  package init(
    probability: Double = 0.15, channelProbability: Double = 0.5, mean: Double = 0,
    standardDeviation: Double = 0.1
  ) {
    self.probability = probability
    self.channelProbability = channelProbability
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The summand per channel; `nil` for channels that are not changed.
  package struct Parameters: Hashable, Sendable {
    package var summands: [Double?]

    package init(summands: [Double?]) { self.summands = summands }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      summands: generator.perChannel(channels, probability: channelProbability) {
        $0.gaussian(mean: mean, standardDeviation: standardDeviation)
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for (channel, summand) in parameters.summands.enumerated() {
      guard let summand else { continue }
      let value = Float(summand)
      sample.withChannel(channel) { voxels in
        for index in voxels.indices { voxels[index] += value }
      }
    }
  }
}
