import Arrays
import Foundation

/// A Gaussian bell somewhere in or near an image, with weights between 0 and 1.
///
/// Along each axis a voxel has the normal distribution's share of its extent; the product is moved
/// and divided so that it runs from 0 to 1. A bell so flat that its weights differ by less than
/// 1e-8 stays lower. Source: batchgenerators, `LocalTransform._generate_kernel`.
public struct LocalBell: Hashable, Sendable, Codable {
  /// The middle per axis, as a part of the extent.
  public var center: [Double]
  /// The standard deviation per axis in voxels.
  public var width: [Double]

  public init(center: [Double], width: [Double]) {
    self.center = center
    self.width = width
  }

  /// Draws a bell for images of a shape.
  ///
  /// The middle is up to half of the extent outside; the width is between a sixth and the whole of
  /// the extent, its logarithm uniform.
  static func draw(
    shape: [Int], using generator: inout some RandomNumberGenerator
  ) -> LocalBell {
    LocalBell(
      center: shape.map { _ in generator.uniform(in: -0.5...1.5) },
      width: shape.map { extent in
        // The sixth is rounded down; extents below 6 would have none.
        exp(generator.uniform(in: log(Double(max(extent / 6, 1)))...log(Double(extent))))
      })
  }

  /// Calls `body` with each voxel's index and weight.
  func forEach(shape: [Int], _ body: (Int, Double) -> Void) {
    let axes = shape.indices.map { share(along: $0, extent: shape[$0]) }
    let outer = axes.dropLast().reduce([1.0]) { rows, axis in
      rows.flatMap { row in axis.map { row * $0 } }
    }
    guard let inner = axes.last, let low = inner.min(), let high = inner.max(),
      let lowest = outer.min(), let highest = outer.max()
    else { return }
    let least = lowest * low
    let range = max(1e-8, highest * high - least)
    var index = 0
    for row in outer {
      for value in inner {
        body(index, (row * value - least) / range)
        index += 1
      }
    }
  }

  private func share(along axis: Int, extent: Int) -> [Double] {
    let middle = center[axis] * Double(extent)
    let edges = (0...extent).map { edge in
      0.5 * erfc(-(Double(edge) - 0.5 - middle) / width[axis] * 0.5.squareRoot())
    }
    return zip(edges.dropFirst(), edges).map { $0 - $1 }
  }
}

/// Adds a bell to channels: one side of the image becomes brighter or darker.
///
/// Source: batchgenerators, `BrightnessGradientAdditiveTransform`, not centred.
public struct BrightnessGradient: RandomTransform, Hashable, Codable {
  /// The probability that a sample is changed.
  public var probability = 0.3
  /// The probability that a channel of such a sample is changed.
  public var channelProbability = 0.5
  /// The range of the bell's height; half of the bells are negative.
  public var strength = 1.0...5.0
  /// The extents of the samples.
  public var patchSize: [Int]

  public init(patchSize: [Int]) { self.patchSize = patchSize }

  /// A bell and its height per channel; `nil` for channels left as they are.
  public struct Parameters: Hashable, Sendable, Codable {
    public struct Bell: Hashable, Sendable, Codable {
      public var bell: LocalBell
      public var strength: Double
    }
    public var bells: [Bell?]

    public init(bells: [Bell?]) { self.bells = bells }
  }

  public func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      bells: generator.perChannel(channels, probability: channelProbability) { generator in
        let bell = LocalBell.draw(shape: patchSize, using: &generator)
        let sign = generator.bernoulli(0.5) ? -1.0 : 1.0
        return .init(bell: bell, strength: sign * generator.uniform(in: strength))
      })
  }

  public func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, drawn) in parameters.bells.enumerated() {
      guard let drawn else { continue }
      sample.withChannel(channel) { voxels in
        var highest = 1e-8
        drawn.bell.forEach(shape: shape) { highest = max(highest, $1) }
        drawn.bell.forEach(shape: shape) { index, weight in
          voxels[index] = Float(Double(voxels[index]) + weight / highest * drawn.strength)
        }
      }
    }
  }
}

/// Gamma correction of channels within a bell.
///
/// Source: batchgenerators, `LocalGammaTransform`.
public struct LocalGamma: RandomTransform, Hashable, Codable {
  /// The probability that a sample is changed.
  public var probability = 0.3
  /// The probability that a channel of such a sample is changed.
  public var channelProbability = 0.5
  /// The range of half of the exponents.
  public var lowExponent = 0.01...0.8
  /// The range of the other half.
  public var highExponent = 1.5...4.0
  /// The extents of the samples.
  public var patchSize: [Int]

  public init(patchSize: [Int]) { self.patchSize = patchSize }

  /// A bell and the exponent at its top per channel; `nil` for channels left as they are.
  public struct Parameters: Hashable, Sendable, Codable {
    public struct Bell: Hashable, Sendable, Codable {
      public var bell: LocalBell
      public var exponent: Double
    }
    public var bells: [Bell?]

    public init(bells: [Bell?]) { self.bells = bells }
  }

  public func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      bells: generator.perChannel(channels, probability: channelProbability) { generator in
        let bell = LocalBell.draw(shape: patchSize, using: &generator)
        let range = generator.bernoulli(0.5) ? lowExponent : highExponent
        return .init(bell: bell, exponent: generator.uniform(in: range))
      })
  }

  public func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, drawn) in parameters.bells.enumerated() {
      guard let drawn else { continue }
      sample.withChannel(channel) { voxels in
        guard !voxels.isEmpty else { return }
        let limits = valueRange(UnsafeBufferPointer(voxels))
        let (low, range) = (limits.lowerBound, limits.upperBound - limits.lowerBound)
        let (divisor, exponent) = (max(range, 1e-8), Float(drawn.exponent))
        drawn.bell.forEach(shape: shape) { index, weight in
          let value = (voxels[index] - low) / divisor
          let mixed = Double(value) * (1 - weight) + Double(powf(value, exponent)) * weight
          voxels[index] = Float(mixed * Double(range) + Double(low))
        }
      }
    }
  }
}
