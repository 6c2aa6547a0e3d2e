import Arrays
import Foundation

/// Adds independent Gaussian noise to every voxel, with one standard deviation for all channels.
///
/// Source: batchgenerators, `augment_gaussian_noise`. What it calls the variance is used as the
/// standard deviation, also here.
package struct GaussianNoise: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.1
  /// The range of the standard deviation, in units of the normalized intensities.
  package var standardDeviation = 0.0...0.1

  package init(probability: Double = 0.1, standardDeviation: ClosedRange<Double> = 0.0...0.1) {
    self.probability = probability
    self.standardDeviation = standardDeviation
  }

  /// The strength of the noise, and the seed that its values come from.
  package struct Parameters: Hashable, Sendable {
    package var standardDeviation: Double
    package var seed: UInt64

    package init(standardDeviation: Double, seed: UInt64) {
      self.standardDeviation = standardDeviation
      self.seed = seed
    }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      standardDeviation: generator.uniform(in: standardDeviation), seed: generator.next())
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    sample.data.scalars.withUnsafeMutableBufferPointer {
      addNoise(to: $0, deviation: Float(parameters.standardDeviation), seed: parameters.seed)
    }
  }
}

/// Adds normally distributed numbers, made in pairs by the Box-Muller transform.
private func addNoise(
  to values: UnsafeMutableBufferPointer<Float>, deviation: Float, seed: UInt64
) {
  var generator = StreamRandom(seed: seed)
  var index = 0
  while index < values.count {
    let bits = generator.next()
    // 24 bits of a half word each: in (0, 1] for the logarithm, in [0, 1) for the angle.
    let first = Float((bits >> 40) &+ 1) * 0x1p-24
    let second = Float((bits >> 8) & 0xFF_FFFF) * 0x1p-24
    let radius = deviation * (-2 * logf(first)).squareRoot()
    let angle = 2 * Float.pi * second
    values[index] += radius * cosf(angle)
    if index &+ 1 < values.count { values[index &+ 1] += radius * sinf(angle) }
    index &+= 2
  }
}
