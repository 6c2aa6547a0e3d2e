/// One of the transforms that a recipe applies after the patch has been cut out.
package struct AugmentationStep: Sendable {
  /// The transform itself.
  package let transform: any RandomTransform & Hashable

  /// Makes a step of a transform.
  package init(_ transform: some RandomTransform & Hashable) {
    self.transform = transform
  }

  /// Whether the transform is of this type.
  package func `is`<Transform>(_ type: Transform.Type) -> Bool { transform is Transform }

  /// Draws the parameters for a sample; `nil` if the step is not applied.
  func draw(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    DrawnTransform.draw(transform, channels: channels, using: &generator)
  }
}

extension AugmentationStep: Hashable {
  /// Whether the transforms have the same type and the same values.
  package static func == (left: AugmentationStep, right: AugmentationStep) -> Bool {
    AnyHashable(left.transform) == AnyHashable(right.transform)
  }

  package func hash(into hasher: inout Hasher) { transform.hash(into: &hasher) }
}
