import Arrays
import Resampling

/// Makes channels look as if they were recorded with larger voxels.
///
/// A channel is shrunk by taking nearest voxels and enlarged again with cubic splines.
/// Source: batchgenerators, `augment_linear_downsampling_scipy`.
package struct LowResolution: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.25
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The range of the factor that the extents are multiplied by.
  package var zoom = 0.5...1.0
  /// Spatial axes that keep their resolution.
  package var ignoredAxes: [Int] = []

  package init(
    probability: Double = 0.25, channelProbability: Double = 0.5,
    zoom: ClosedRange<Double> = 0.5...1.0, ignoredAxes: [Int] = []
  ) {
    self.probability = probability
    self.channelProbability = channelProbability
    self.zoom = zoom
    self.ignoredAxes = ignoredAxes
  }

  /// The factor per channel; `nil` for channels that are not changed.
  package struct Parameters: Hashable, Sendable {
    package var zooms: [Double?]

    package init(zooms: [Double?]) { self.zooms = zooms }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      zooms: generator.perChannel(channels, probability: channelProbability) {
        $0.uniform(in: zoom)
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, zoom) in parameters.zooms.enumerated() {
      guard let zoom else { continue }
      let coarse = shape.enumerated().map { axis, extent in
        ignoredAxes.contains(axis) ? extent : max(roundHalfEven(Double(extent) * zoom), 1)
      }
      guard coarse != shape else { continue }
      let shrunk = resize(sample.channel(channel), to: coarse, order: .nearest)
      sample.setChannel(channel, to: resize(shrunk, to: shape, order: .cubic))
    }
  }
}
