import Arrays

/// Draws one of several steps, which then draws whether and how it is applied.
///
/// Source: batchgenerators, `OneOfTransform`.
package struct OneOf: RandomTransform, Hashable {
  /// The steps, all equally likely.
  package var steps: [AugmentationStep]

  package init(_ steps: [AugmentationStep]) {
    precondition(!steps.isEmpty, "there is no step to choose")
    self.steps = steps
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    let choice = generator.integer(in: 0..<steps.count)
    return steps[choice].draw(channels: channels, using: &generator)
  }

  package func apply(_ parameters: DrawnTransform, to sample: inout AugmentationSample) {
    parameters.apply(to: &sample)
  }
}
