import Foundation
import NNUNet

/// The uneven brightness of magnetic resonance images: a smooth field that multiplies some channels.
///
/// Each sample gets one field, since the coil is the same for all weightings. Its logarithm is a polynomial of
/// second degree of the position. Channels that are normalized to a mean of 0 would change sign
/// there, so the field is applied to the distance from the least value of the channel.
/// Source: the field of TorchIO's `RandomBiasField` (Van Leemput et al., IEEE TMI 1999).
struct BiasField: RandomTransform {
  /// The channels that are changed.
  var channels: [Int]
  /// The probability that a sample is changed.
  var probability = 0.3
  /// The range of the polynomial's coefficients.
  var strength = -0.3...0.3

  /// Two coefficients for each axis: one for the position, from -1 to 1, and one for its square.
  struct Parameters: Sendable {
    var coefficients: [(linear: Double, square: Double)]
  }

  func sample(
    channels count: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard !channels.isEmpty, generator.bernoulli(probability) else { return nil }
    // Three even for 2D images, whose samples have two axes.
    return Parameters(
      coefficients: (0..<3).map { _ in
        (generator.uniform(in: strength), generator.uniform(in: strength))
      })
  }

  func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let factors = zip(sample.spatialShape, parameters.coefficients).map { extent, coefficient in
      (0..<extent).map { index in
        let position = extent > 1 ? 2 * Double(index) / Double(extent - 1) - 1 : 0
        return Float(exp(coefficient.linear * position + coefficient.square * position * position))
      }
    }
    for channel in channels {
      sample.withChannel(channel) { multiply($0, by: factors) }
    }
  }

  /// Multiplies by one factor for each index of each axis; the last axis is contiguous.
  private func multiply(_ voxels: UnsafeMutableBufferPointer<Float>, by factors: [[Float]]) {
    let least = voxels.min() ?? 0
    let row = factors[factors.count - 1]
    for start in stride(from: 0, to: voxels.count, by: row.count) {
      var (rest, factor) = (start / row.count, Float(1))
      for axis in factors.dropLast().reversed() {
        factor *= axis[rest % axis.count]
        rest /= axis.count
      }
      for (offset, last) in row.enumerated() {
        let value = voxels[start + offset]
        voxels[start + offset] = least + (value - least) * factor * last
      }
    }
  }
}
