import Arrays
import HostSystem

/// Mirrors a sample along each of some axes with probability one half.
///
/// Source: batchgenerators, `augment_mirroring`.
package struct Mirroring: RandomTransform, Hashable {
  /// The spatial axes that may be mirrored.
  package var axes: [Int]

  package init(axes: [Int]) { self.axes = axes }

  /// The axes that are mirrored.
  package struct Parameters: Hashable, Sendable {
    package var axes: [Int]

    package init(axes: [Int]) { self.axes = axes }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    let mirrored = axes.filter { _ in generator.bernoulli(0.5) }
    return mirrored.isEmpty ? nil : Parameters(axes: mirrored)
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    for axis in parameters.axes {
      mirror(&sample.data.scalars, shape: sample.data.shape, axis: axis + 1)
      mirror(&sample.labels.scalars, shape: sample.labels.shape, axis: axis + 1)
    }
  }
}

private func mirror<Scalar: BitwiseCopyable>(_ scalars: inout [Scalar], shape: [Int], axis: Int) {
  let length = shape[axis]
  let outer = shape[..<axis].trustedProduct
  let inner = shape[(axis + 1)...].trustedProduct
  scalars.withUnsafeMutableBufferPointer { scalars in
    guard let base = scalars.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: inner == 1 ? length : inner) { copy in
      let copy = copy.baseAddress!
      for slab in 0..<outer {
        let start = base + slab * length * inner
        if inner == 1 {
          copy.update(from: start, count: length)
          for position in 0..<length { start[position] = copy[length &- 1 &- position] }
        } else {
          for position in 0..<length / 2 {
            let (first, second) = (
              start + position * inner, start + (length - 1 - position) * inner
            )
            copy.update(from: first, count: inner)
            first.update(from: second, count: inner)
            second.update(from: copy, count: inner)
          }
        }
      }
    }
  }
}
