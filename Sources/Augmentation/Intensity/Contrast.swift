import Arrays

/// Stretches or shrinks the intensities of every channel around their mean.
///
/// The result is clipped to the range that the channel had before.
/// Source: batchgenerators, `augment_contrast`.
public struct Contrast: RandomTransform, Hashable, Codable {
  /// The probability that a sample is changed.
  public var probability = 0.15
  /// The range of the factors; half of them are below 1.
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
    return Parameters(factors: (0..<channels).map { _ in generator.factorAroundOne(in: factor) })
  }

  public func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for (channel, factor) in parameters.factors.enumerated() {
      let factor = Float(factor)
      sample.withChannel(channel) { voxels in
        guard !voxels.isEmpty else { return }
        let mean = pairwiseMean(UnsafeBufferPointer(voxels))
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
