/// A random change of a sample: its parameters are drawn first, then it is applied.
///
/// The parameters contain everything random, including what looks random in the result (noise
/// carries the seed of its own generator), so that equal parameters give equal samples. So
/// transforms can be compared with other implementations without their random generators.
public protocol RandomTransform: Sendable {
  /// The random parameters of one sample.
  associatedtype Parameters: Sendable

  /// Draws the parameters for a sample.
  ///
  /// - Parameters:
  ///   - channels: The number of image channels of the sample.
  ///   - generator: The source of randomness.
  /// - Returns: `nil` if the transform is not applied.
  func sample(channels: Int, using generator: inout some RandomNumberGenerator) -> Parameters?

  /// Changes a sample; depends only on the arguments.
  func apply(_ parameters: Parameters, to sample: inout AugmentationSample)
}

/// A transform without randomness: it is applied to every sample.
package protocol FixedTransform: RandomTransform where Parameters == Always {
  /// Changes a sample; depends only on the argument.
  func apply(to sample: inout AugmentationSample)
}

/// The parameters of a transform that has none.
package struct Always: Hashable, Sendable {
  package init() {}
}

extension FixedTransform {
  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Always? { Always() }

  package func apply(_ parameters: Always, to sample: inout AugmentationSample) {
    apply(to: &sample)
  }
}

/// A transform together with the parameters that were drawn for one sample.
package struct DrawnTransform: Sendable {
  /// The name of the transform's type.
  package let name: String
  /// What was drawn.
  package let parameters: any Sendable
  private let body: @Sendable (inout AugmentationSample) -> Void

  /// Draws the parameters of a transform of any type; `nil` if it is not applied.
  static func draw(
    _ transform: any RandomTransform, channels: Int,
    using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    func open(_ transform: some RandomTransform) -> DrawnTransform? {
      DrawnTransform(transform, channels: channels, using: &generator)
    }
    return open(transform)
  }

  /// Draws parameters; `nil` if the transform is not applied.
  init?<Transform: RandomTransform>(
    _ transform: Transform, channels: Int, using generator: inout some RandomNumberGenerator
  ) {
    guard let parameters = transform.sample(channels: channels, using: &generator) else {
      return nil
    }
    name = String(describing: Transform.self)
    self.parameters = parameters
    body = { transform.apply(parameters, to: &$0) }
  }

  /// Applies the transform with its parameters.
  package func apply(to sample: inout AugmentationSample) { body(&sample) }
}
