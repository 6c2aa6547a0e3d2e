import Arrays
import Foundation

/// Blurs channels with a Gaussian of the same width along all axes.
///
/// Source: batchgenerators, `augment_gaussian_blur`; the filter is scipy's `gaussian_filter`
/// (mirrored at the outer faces of the border voxels, cut off at four standard deviations).
package struct GaussianBlur: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.2
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The range of the Gaussian's standard deviation in voxels.
  package var sigma = 0.5...1.0

  package init(
    probability: Double = 0.2, channelProbability: Double = 0.5,
    sigma: ClosedRange<Double> = 0.5...1.0
  ) {
    self.probability = probability
    self.channelProbability = channelProbability
    self.sigma = sigma
  }

  /// The standard deviation per channel, in voxels; `nil` for channels that are not changed.
  package struct Parameters: Hashable, Sendable {
    package var sigmas: [Double?]

    package init(sigmas: [Double?]) { self.sigmas = sigmas }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      sigmas: generator.perChannel(channels, probability: channelProbability) {
        $0.uniform(in: sigma)
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, sigma) in parameters.sigmas.enumerated() {
      guard let sigma else { continue }
      let kernel = SymmetricKernel.gaussian(sigma: sigma)
      sample.withChannel(channel) { voxels in
        for axis in shape.indices {
          kernel.filterInPlace(voxels, shape: shape, axis: axis, border: .reflected)
        }
      }
    }
  }
}
