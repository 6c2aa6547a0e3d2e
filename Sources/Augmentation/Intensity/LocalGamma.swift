import Arrays
import Foundation

/// Gamma correction of channels within a bell.
///
/// Source: batchgenerators, `LocalGammaTransform`.
package struct LocalGamma: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.3
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The range of half of the exponents.
  package var lowExponent = 0.01...0.8
  /// The range of the other half.
  package var highExponent = 1.5...4.0
  /// The extents of the samples.
  package var patchSize: [Int]

  package init(patchSize: [Int]) { self.patchSize = patchSize }

  /// A bell and the exponent at its top for each channel.
  package typealias Parameters = LocalBells

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return .draw(
      channels: channels, probability: channelProbability, shape: patchSize, using: &generator
    ) { generator in
      let range = generator.bernoulli(0.5) ? lowExponent : highExponent
      return generator.uniform(in: range)
    }
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    parameters.forEach(in: &sample) { voxels, bell, exponent in
      guard !voxels.isEmpty else { return }
      let limits = valueRange(UnsafeBufferPointer(voxels))
      let (low, range) = (limits.lowerBound, limits.upperBound - limits.lowerBound)
      let (divisor, exponent) = (max(range, 1e-8), Float(exponent))
      bell.forEach(shape: shape) { index, weight in
        let value = (voxels[index] - low) / divisor
        let mixed = Double(value) * (1 - weight) + Double(powf(value, exponent)) * weight
        voxels[index] = Float(mixed * Double(range) + Double(low))
      }
    }
  }
}
