import Arrays
import Foundation

/// A Gaussian bell somewhere in or near an image, with weights between 0 and 1.
///
/// Along each axis a voxel has the normal distribution's share of its extent; the product is moved
/// and divided so that it runs from 0 to 1. A bell so flat that its weights differ by less than
/// 1e-8 remains lower. Source: batchgenerators, `LocalTransform._generate_kernel`.
package struct LocalBell: Hashable, Sendable {
  /// The middle per axis, as a part of the extent.
  package var center: [Double]
  /// The standard deviation per axis in voxels.
  package var width: [Double]

  package init(center: [Double], width: [Double]) {
    self.center = center
    self.width = width
  }

  /// Draws a bell for images of a shape.
  ///
  /// The middle is at most half of the extent outside; the width is between a sixth of the extent
  /// and the whole extent, with a uniform logarithm.
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

/// A bell per channel and the amount of the change at its top; `nil` for channels that are not
/// changed.
package struct LocalBells: Hashable, Sendable {
  /// The bell of one channel.
  package struct Bell: Hashable, Sendable {
    package var bell: LocalBell
    /// The amount, which depends on the transform: a height or an exponent.
    package var amount: Double
  }

  package var bells: [Bell?]

  package init(bells: [Bell?]) { self.bells = bells }

  /// Draws a bell, then its amount, for each channel that is changed.
  static func draw<Generator: RandomNumberGenerator>(
    channels: Int, probability: Double, shape: [Int], using generator: inout Generator,
    amount: (inout Generator) -> Double
  ) -> LocalBells {
    LocalBells(
      bells: generator.perChannel(channels, probability: probability) { generator in
        let bell = LocalBell.draw(shape: shape, using: &generator)
        return Bell(bell: bell, amount: amount(&generator))
      })
  }

  /// Calls `body` with the voxels of each channel that is changed, its bell and the amount.
  func forEach(
    in sample: inout AugmentationSample,
    _ body: (UnsafeMutableBufferPointer<Float>, LocalBell, Double) -> Void
  ) {
    for (channel, drawn) in bells.enumerated() {
      guard let drawn else { continue }
      sample.withChannel(channel) { body($0, drawn.bell, drawn.amount) }
    }
  }
}
