import Arrays

/// Stretches or shrinks the intensities of channels around their mean.
///
/// The result is clipped to the previous range of the channel, unless this is switched off. Source:
/// batchgenerators, `augment_contrast`.
package struct Contrast: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.15
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 1.0
  /// The range of the factors; half of them are below 1.
  package var factor = 0.75...1.25
  /// Whether the result is clipped.
  package var preservesRange = true

  package init(
    probability: Double = 0.15, channelProbability: Double = 1,
    factor: ClosedRange<Double> = 0.75...1.25, preservesRange: Bool = true
  ) {
    self.probability = probability
    self.channelProbability = channelProbability
    self.factor = factor
    self.preservesRange = preservesRange
  }

  /// One factor per channel; `nil` for channels that are not changed.
  package struct Parameters: Hashable, Sendable {
    package var factors: [Double?]

    package init(factors: [Double?]) { self.factors = factors }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      factors: generator.perChannel(channels, probability: channelProbability) {
        $0.factorAroundOne(in: factor)
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for (channel, factor) in parameters.factors.enumerated() {
      guard let factor = factor.map({ Float($0) }) else { continue }
      sample.withChannel(channel) { voxels in
        guard !voxels.isEmpty else { return }
        let mean = pairwiseMean(UnsafeBufferPointer(voxels))
        guard preservesRange else {
          for index in voxels.indices { voxels[index] = (voxels[index] - mean) * factor + mean }
          return
        }
        let range = valueRange(UnsafeBufferPointer(voxels))
        let (low, high) = (range.lowerBound, range.upperBound)
        for index in voxels.indices {
          let value = (voxels[index] - mean) * factor + mean
          voxels[index] = value < low ? low : value > high ? high : value
        }
      }
    }
  }
}
