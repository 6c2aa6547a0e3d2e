import Arrays

/// Multiplies every channel by a factor of its own.
///
/// Source: batchgenerators, `augment_brightness_multiplicative`.
public struct BrightnessMultiplication: RandomTransform, Hashable, Codable {
  /// The probability that a sample is changed.
  public var probability = 0.15
  /// The range of the factors.
  public var factor = 0.75...1.25

  public init(probability: Double = 0.15, factor: ClosedRange<Double> = 0.75...1.25) {
    self.probability = probability
    self.factor = factor
  }

  /// One factor per channel.
  public struct Parameters: Hashable, Sendable, Codable {
    public var factors: [Double]

    public init(factors: [Double]) { self.factors = factors }
  }

  public func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(factors: (0..<channels).map { _ in generator.uniform(in: factor) })
  }

  public func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for (channel, factor) in parameters.factors.enumerated() {
      let factor = Float(factor)
      sample.withChannel(channel) { voxels in
        for index in voxels.indices { voxels[index] *= factor }
      }
    }
  }
}
