public import Augmentation

/// Makes a transform of a package for a training.
public typealias TransformMaker = @Sendable (TransformContext) -> any RandomTransform

/// What a package's transform can know about the training.
public struct TransformContext: Sendable {
  /// The names of the image channels (the modalities), in their order in samples.
  public let channelNames: [String]
  /// The extents of the network's input, (z, y, x) or (y, x).
  public let patchSize: [Int]
  /// Whether volumes are augmented slice by slice.
  public let usesSlices: Bool

  /// The channels with a name, ignoring case.
  public func channels(named name: String) -> [Int] {
    channelNames.indices.filter { channelNames[$0].lowercased() == name.lowercased() }
  }
}
