package import Arrays
import HostSystem
package import Networks
package import Plans
package import Torch

/// Predicts tiles with a network, averaged over mirrored copies of the tile.
///
/// All mirrored copies of a batch stay on the device; the host sees only the mean of their
/// probabilities. Several threads may use it at once: it does not change after it is created, and
/// libtorch lets any number of threads read a tensor.
package struct NetworkTilePredictor: TilePredictor, @unchecked Sendable {
  private let network: any SegmentationNetwork
  private let device: Device
  /// The type that convolutions are computed in.
  private let precision: ScalarType
  /// What the outputs mean: softmax over labels, or a sigmoid of each region.
  private let scheme: LabelScheme
  /// What is averaged over mirrored copies and returned.
  private let averaged: InferenceConvention.Averaged
  /// The combinations of mirrored axes in the order in which they are added.
  private let flips: [[Int]]
  /// The number of bytes of probabilities that are computed together.
  private static let bytesAtOnce = 64 << 20

  /// - Parameters:
  ///   - network: The network; its parameters are on `device`.
  ///   - device: Where tiles are predicted.
  ///   - mirrorAxes: The spatial axes to mirror, 0 being the first; empty to predict each tile
  ///     once, as it is. Nil mirrors all axes.
  ///   - precision: `.float32`, or a shorter type for the network's convolutions. Probabilities are
  ///     always computed and averaged in float32.
  ///   - scheme: What the network's outputs mean: labels or regions.
  ///   - averaged: What is averaged and returned: probabilities or logits.
  package init(
    _ network: any SegmentationNetwork, device: Device, mirrorAxes: [Int]? = nil,
    precision: ScalarType = .float32, scheme: LabelScheme = .labels,
    averaged: InferenceConvention.Averaged = .probabilities
  ) {
    let rank = network.architecture.spatialRank
    let mirrorAxes = mirrorAxes ?? Array(0..<rank)
    precondition(mirrorAxes.allSatisfy { 0..<rank ~= $0 })
    self.network = network
    self.device = device
    self.precision = precision
    self.scheme = scheme
    self.averaged = averaged
    flips = mirrorCombinations(of: mirrorAxes)
  }

  package var labelCount: Int { network.architecture.outputChannels }

  package var passesPerTile: Int { flips.count }

  package func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    try probabilities(ofTiles: tiles) { _ in }
  }

  package func probabilities(
    ofTiles tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) throws -> DenseArray<Float> {
    let shape = [tiles.shape[0], labelCount] + tiles.shape.dropFirst(2)
    guard device.kind == .cpu else {
      let mean = try Tensor(shape: shape, filledWith: 0, on: device)
      try addMean(of: tiles, to: mean, onPass: onPass)
      return try mean.array()
    }
    // The tensor uses the result's own memory: with many labels, a copy would be large.
    return try DenseArray(shape: shape) { values in
      values.initialize(repeating: 0)
      let mean = try Tensor(
        borrowing: UnsafeMutableRawBufferPointer(values), shape: shape, scalarType: .float32,
        owner: BorrowedMemory())
      try addMean(of: tiles, to: mean, onPass: onPass)
    }
  }

  /// Adds the mean of the mirrored copies' probabilities.
  private func addMean(
    of tiles: DenseArray<Float>, to mean: Tensor, onPass: (Int) -> Void
  ) throws {
    try withoutGradients {
      let input = try Tensor(tiles, on: device)
      // All copies together: the weights are converted once.
      try withAutocast(to: precision, on: device) {
        for axes in flips {
          // The first two axes are tile and channel.
          let axes = axes.map { $0 + 2 }
          let logits = try network.fullResolutionLogits(input.flipped(axes))
          try add(logits, mirroredAlong: axes, to: mean)
          onPass(tiles.shape[0])
        }
      }
    }
  }

  /// Adds the probabilities of logits of one mirrored copy, a few planes at a time: apart from the
  /// logits and the mean, nothing of their size is in memory.
  private func add(_ logits: Tensor, mirroredAlong axes: [Int], to mean: Tensor) throws {
    let shape = mean.shape
    let depth = shape[2]
    let planeBytes = shape.trustedProduct / max(depth, 1) * MemoryLayout<Float>.stride
    let planesAtOnce = max(1, Self.bytesAtOnce / max(planeBytes, 1))
    for start in stride(from: 0, to: depth, by: planesAtOnce) {
      let range = start..<min(start + planesAtOnce, depth)
      let part = try logits.narrowed(axis: 2, to: range).converted(to: .float32)
      let probabilities = try activation(part).flipped(axes)
      let target = axes.contains(2) ? depth - range.upperBound..<depth - range.lowerBound : range
      try mean.narrowed(axis: 2, to: target).add(probabilities, scaledBy: 1 / Double(flips.count))
    }
  }

  private func activation(_ logits: Tensor) throws -> Tensor {
    switch (averaged, scheme) {
    case (.logits, _): logits
    case (.probabilities, .labels): try softmax(logits, axis: 1)
    case (.probabilities, .regions): try logits.sigmoid()
    }
  }
}

/// Stands for memory that outlives the tensor that borrows it.
private final class BorrowedMemory {}

/// All subsets of axes in nnU-Net's order: the last axis changes fastest.
///
/// For axes 0, 1 and 2: {}, {2}, {1}, {1, 2}, {0}, {0, 2}, {0, 1}, {0, 1, 2}. The order decides
/// about the last bit of the sum.
func mirrorCombinations(of axes: [Int]) -> [[Int]] {
  axes.sorted().reduce([[]]) { combinations, axis in
    combinations.flatMap { [$0, $0 + [axis]] }
  }
}
