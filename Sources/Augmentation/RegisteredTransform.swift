/// A transform that a package added, by its name.
package struct RegisteredTransform: RandomTransform, Sendable {
  /// The name it was registered under.
  package let name: String
  private let transform: any RandomTransform

  package init(name: String, _ transform: any RandomTransform) {
    self.name = name
    self.transform = transform
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    DrawnTransform.draw(transform, channels: channels, using: &generator)
  }

  package func apply(_ parameters: DrawnTransform, to sample: inout AugmentationSample) {
    parameters.apply(to: &sample)
  }
}

extension RegisteredTransform: Hashable {
  /// Whether they have the same name.
  package static func == (left: RegisteredTransform, right: RegisteredTransform) -> Bool {
    left.name == right.name
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension AugmentationRecipe {
  /// Adds transforms of packages after the changes of intensity and position, before samples are
  /// mirrored and masked and their labels replaced.
  package mutating func insert(_ transforms: [RegisteredTransform]) {
    let end = steps.firstIndex {
      switch $0.transform {
      case is Mirroring, is MaskOutside, is LabelReplacement, is LabelRegions,
        is PreviousSegmentation:
        true
      default: false
      }
    }
    steps.insert(contentsOf: transforms.map { .init($0) }, at: end ?? steps.endIndex)
  }
}
