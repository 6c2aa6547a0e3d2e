import Arrays

/// Exchanges axes of equal extent.
///
/// Source: batchgenerators, `TransposeAxesTransform`.
package struct AxisTransposition: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.5
  /// The spatial axes of equal extent that are shuffled.
  package var axes: [Int]

  package init(axes: [Int], probability: Double = 0.5) {
    self.axes = axes.sorted()
    self.probability = probability
  }

  /// The axes in their new order; the first moves to the place of the lowest of them.
  package struct Parameters: Hashable, Sendable {
    package var axes: [Int]

    package init(axes: [Int]) { self.axes = axes }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(axes: axes.shuffled(using: &generator))
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    var order = Array(0..<sample.spatialShape.count)
    for (place, axis) in zip(parameters.axes.sorted(), parameters.axes) { order[place] = axis }
    sample.permute(axes: order)
  }
}
