import Arrays
import Foundation

/// Gamma correction of channels within a bell.
///
/// Source: batchgenerators, `LocalGammaTransform`.
public struct LocalGamma: RandomTransform, Hashable, Codable {
  /// The probability that a sample is changed.
  public var probability = 0.3
  /// The probability that a channel of such a sample is changed.
  public var channelProbability = 0.5
  /// The range of half of the exponents.
  public var lowExponent = 0.01...0.8
  /// The range of the other half.
  public var highExponent = 1.5...4.0
  /// The extents of the samples.
  public var patchSize: [Int]

  public init(patchSize: [Int]) { self.patchSize = patchSize }

  /// A bell and the exponent at its top for each channel.
  public typealias Parameters = LocalBells

  public func sample(
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

  public func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
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
