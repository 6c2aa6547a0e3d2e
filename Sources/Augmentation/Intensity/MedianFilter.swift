import Arrays
import HostSystem

/// Replaces every voxel of a channel with the median of a cube around it.
///
/// A cube of even size extends one voxel farther towards index 0; for an even number of voxels, the
/// upper median is used; the image is mirrored at the outer faces of its border voxels. Source:
/// batchgenerators, `MedianFilterTransform`; the filter is scipy's `median_filter`.
package struct MedianFilter: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.2
  /// The probability that a channel of such a sample is changed.
  package var channelProbability = 0.5
  /// The possible edge lengths of the cube.
  package var size = 2..<8

  package init(
    probability: Double = 0.2, channelProbability: Double = 0.5, size: Range<Int> = 2..<8
  ) {
    self.probability = probability
    self.channelProbability = channelProbability
    self.size = size
  }

  /// The edge length per channel; `nil` for channels that are not changed.
  package struct Parameters: Hashable, Sendable {
    package var sizes: [Int?]

    package init(sizes: [Int?]) { self.sizes = sizes }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(
      sizes: generator.perChannel(channels, probability: channelProbability) {
        $0.integer(in: size)
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let shape = sample.spatialShape
    for (channel, size) in parameters.sizes.enumerated() {
      guard let size, size > 1 else { continue }
      sample.withChannel(channel) { medianFilter($0, shape: shape, size: size) }
    }
  }
}

/// Filters in place.
///
/// Voxels are replaced with their ranks in the sorted image. A window that slides along a row keeps
/// a histogram of the ranks; its median moves only a little with each step.
private func medianFilter(
  _ voxels: UnsafeMutableBufferPointer<Float>, shape: [Int], size: Int
) {
  guard !voxels.isEmpty else { return }
  let order = voxels.indices.sorted { voxels[$0] < voxels[$1] }
  let sorted = order.map { voxels[$0] }
  let padded = PaddedRanks(order: order, shape: shape, size: size)
  let (volume, extent) = ([Int](repeating: 1, count: 3 - shape.count) + shape, padded.extent)
  var window = RankWindow(count: sorted.count)
  padded.ranks.withUnsafeBufferPointer { ranks in
    var target = 0
    for z in 0..<volume[0] {
      for y in 0..<volume[1] {
        let row = (z * extent[1] + y) * extent[2]
        func column(_ x: Int, _ body: (Int) -> Void) {
          for slice in 0..<padded.depth {
            for line in 0..<size {
              body(Int(ranks[row + (slice * extent[1] + line) * extent[2] + x]))
            }
          }
        }
        for x in 0..<size - 1 { column(x) { window.insert($0) } }
        for x in 0..<volume[2] {
          column(x + size - 1) { window.insert($0) }
          voxels[target] = sorted[window.median]
          target += 1
          column(x) { window.remove($0) }
        }
        for x in volume[2]..<volume[2] + size - 1 { column(x) { window.remove($0) } }
      }
    }
  }
}

/// The ranks of an image's voxels, with a mirrored border.
private struct PaddedRanks {
  let ranks: [Int32]
  /// `(z, y, x)`, border included.
  let extent: [Int]
  /// The slices of a window: 1 for images of two axes.
  let depth: Int

  init(order: [Int], shape: [Int], size: Int) {
    var ranks = [Int32](repeating: 0, count: order.count)
    for (rank, voxel) in order.enumerated() { ranks[voxel] = Int32(rank) }
    let volume = [Int](repeating: 1, count: 3 - shape.count) + shape
    let sizes = volume.indices.map { $0 < 3 - shape.count ? 1 : size }
    let sources = zip(volume, sizes).map { extent, size in
      (0..<extent + size - 1).map { mirrored($0 - size / 2, extent) }
    }
    var padded: [Int32] = []
    padded.reserveCapacity(sources.reduce(1) { $0 * $1.count })
    for z in sources[0] {
      for y in sources[1] {
        let row = (z * volume[1] + y) * volume[2]
        for x in sources[2] { padded.append(ranks[row + x]) }
      }
    }
    (self.ranks, extent, depth) = (padded, sources.map(\.count), sizes[0])
  }
}

/// The voxel for an index outside `0..<extent`, with repeated border voxels.
private func mirrored(_ index: Int, _ extent: Int) -> Int {
  let period = 2 * extent
  let place = (index % period + period) % period
  return place < extent ? place : period - 1 - place
}

/// A set of numbers below a limit that knows its median.
private struct RankWindow {
  private var counts: [UInt16]
  private var blocks: [Int32]
  private var block = 0
  /// The numbers in blocks before ``block``.
  private var below = 0
  private var total = 0

  init(count: Int) {
    counts = Array(repeating: 0, count: (count / 64 + 1) * 64)
    blocks = Array(repeating: 0, count: count / 64 + 1)
  }

  mutating func insert(_ rank: Int) { change(rank, by: 1) }
  mutating func remove(_ rank: Int) { change(rank, by: -1) }

  private mutating func change(_ rank: Int, by step: Int) {
    counts[rank] = UInt16(truncatingIfNeeded: Int(counts[rank]) &+ step)
    blocks[rank >> 6] &+= Int32(truncatingIfNeeded: step)
    total &+= step
    if rank >> 6 < block { below &+= step }
  }

  /// The number with half of the others, rounded down, below it.
  var median: Int {
    mutating get {
      let wanted = total / 2
      while below > wanted {
        block -= 1
        below -= Int(blocks[block])
      }
      while below + Int(blocks[block]) <= wanted {
        below += Int(blocks[block])
        block += 1
      }
      var (rank, passed) = (block << 6, below)
      while passed + Int(counts[rank]) <= wanted {
        passed += Int(counts[rank])
        rank += 1
      }
      return rank
    }
  }
}
