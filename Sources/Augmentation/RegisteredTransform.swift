/// A transform that a package has added, by its name.
public struct RegisteredTransform: RandomTransform, Sendable {
  /// The name under which it was registered.
  public let name: String
  private let transform: any RandomTransform

  public init(name: String, _ transform: any RandomTransform) {
    self.name = name
    self.transform = transform
  }

  public func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    func open(_ transform: some RandomTransform) -> DrawnTransform? {
      DrawnTransform(transform, channels: channels, using: &generator)
    }
    return open(transform)
  }

  public func apply(_ parameters: DrawnTransform, to sample: inout AugmentationSample) {
    parameters.apply(to: &sample)
  }
}

extension RegisteredTransform: Hashable {
  /// Whether they have the same name.
  public static func == (left: RegisteredTransform, right: RegisteredTransform) -> Bool {
    left.name == right.name
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension RegisteredTransform: Codable {
  /// Always fails: what a package has added is code, which no file holds.
  public init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: decoder.codingPath,
        debugDescription: "a transform of a package cannot be read from a file; recipes name it"))
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension AugmentationRecipe {
  /// Adds transforms of packages behind the changes of intensity and position, before samples are mirrored,
  /// masked and their labels rewritten.
  public mutating func insert(_ transforms: [RegisteredTransform]) {
    let end = steps.firstIndex {
      switch $0 {
      case .mirroring, .maskOutside, .labelReplacement, .labelRegions, .previousSegmentation: true
      default: false
      }
    }
    steps.insert(contentsOf: transforms.map { .registered($0) }, at: end ?? steps.endIndex)
  }
}
