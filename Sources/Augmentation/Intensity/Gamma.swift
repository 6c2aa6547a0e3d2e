import Arrays
import Foundation

/// Raises the intensities of every channel, scaled to 0...1, to a power.
///
/// Mean and standard deviation of the channel do not change. Source: batchgenerators,
/// `augment_gamma` with `per_channel` and `retain_stats`.
package struct Gamma: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability: Double
  /// The range of the exponents; half of them are below 1.
  package var exponent = 0.7...1.5
  /// Whether the image is negated before and after.
  package var invertsImage: Bool

  package init(
    probability: Double, exponent: ClosedRange<Double> = 0.7...1.5, invertsImage: Bool
  ) {
    self.probability = probability
    self.exponent = exponent
    self.invertsImage = invertsImage
  }

  /// One exponent per channel.
  package struct Parameters: Hashable, Sendable {
    package var exponents: [Double]

    package init(exponents: [Double]) { self.exponents = exponents }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      exponents: (0..<channels).map { _ in generator.factorAroundOne(in: exponent) })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for (channel, exponent) in parameters.exponents.enumerated() {
      sample.withChannel(channel) { voxels in
        guard !voxels.isEmpty else { return }
        if invertsImage { negate(voxels) }
        raise(voxels, to: Float(exponent))
        if invertsImage { negate(voxels) }
      }
    }
  }
}

private func negate(_ voxels: UnsafeMutableBufferPointer<Float>) {
  for index in voxels.indices { voxels[index] = -voxels[index] }
}

private func raise(_ voxels: UnsafeMutableBufferPointer<Float>, to exponent: Float) {
  let before = pairwiseMeanAndDeviation(UnsafeBufferPointer(voxels))
  let limits = valueRange(UnsafeBufferPointer(voxels))
  let low = limits.lowerBound
  // Constant channels must not divide by zero.
  let range = Float(Double(limits.upperBound - low) + 1e-7)
  for index in voxels.indices {
    voxels[index] = powf((voxels[index] - low) / range, exponent) * range + low
  }
  let after = pairwiseMeanAndDeviation(UnsafeBufferPointer(voxels))
  let scale = Float(Double(before.standardDeviation) / (Double(after.standardDeviation) + 1e-8))
  for index in voxels.indices {
    voxels[index] = (voxels[index] - after.mean) * scale + before.mean
  }
}
