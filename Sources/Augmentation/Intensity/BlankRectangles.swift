import Arrays
import HostSystem

/// Fills boxes of a channel with the mean of their content.
///
/// Boxes never touch the border at index 0, as in the reference.
/// Source: batchgenerators, `BlankRectangleTransform` with `numpy.mean`.
package struct BlankRectangles: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.4
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// How many boxes such a channel gets.
  package var count = 1...5
  /// The range of the boxes' extents per axis.
  package var sizes: [ClosedRange<Int>]
  /// The extents of the samples.
  package var patchSize: [Int]

  /// Boxes of a tenth to a third of the sample's extents.
  package init(patchSize: [Int], probability: Double = 0.4, channelProbability: Double = 0.5) {
    self.patchSize = patchSize
    self.probability = probability
    self.channelProbability = channelProbability
    sizes = patchSize.map { max(1, $0 / 10)...max(1, $0 / 3) }
  }

  /// A part of the image.
  package struct Box: Hashable, Sendable {
    package var origin: [Int]
    package var size: [Int]

    package init(origin: [Int], size: [Int]) {
      self.origin = origin
      self.size = size
    }
  }

  /// The boxes per channel, in the order in which they are filled.
  package struct Parameters: Hashable, Sendable {
    package var boxes: [[Box]]

    package init(boxes: [[Box]]) { self.boxes = boxes }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    let boxes = generator.perChannel(channels, probability: channelProbability) { generator in
      (0..<generator.integer(in: count)).map { _ in
        let size = sizes.map { generator.integer(in: $0) }
        let origin = zip(patchSize, size).map { extent, size in
          extent > size ? generator.integer(in: 1...extent - size) : 0
        }
        return Box(origin: origin, size: size)
      }
    }
    return Parameters(boxes: boxes.map { $0 ?? [] })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, boxes) in parameters.boxes.enumerated() {
      sample.withChannel(channel) { voxels in
        for box in boxes { blank(box, in: voxels, shape: shape) }
      }
    }
  }
}

private func blank(
  _ box: BlankRectangles.Box, in voxels: UnsafeMutableBufferPointer<Float>, shape: [Int]
) {
  let flat = [Int](repeating: 0, count: 3 - shape.count)
  let (origin, size) = (flat + box.origin, flat.map { _ in 1 } + box.size)
  let shape = flat.map { _ in 1 } + shape
  let rows = (0..<size[0]).flatMap { z in
    (0..<size[1]).map { y in
      ((origin[0] + z) * shape[1] + origin[1] + y) * shape[2] + origin[2]
    }
  }
  var sum = 0.0
  for row in rows {
    for index in row..<row + size[2] { sum += Double(voxels[index]) }
  }
  let mean = Float(sum / Double(size.trustedProduct))
  for row in rows {
    for index in row..<row + size[2] { voxels[index] = mean }
  }
}
