public import Arrays
public import Networks
public import Plans
public import Torch

/// Predicts tiles with a network, averaged over mirrored copies of the tile.
///
/// All mirrored copies of a batch stay on the device; the host sees the mean of their
/// probabilities only.
public struct NetworkTilePredictor: TilePredictor {
  private let network: any SegmentationNetwork
  private let device: Device
  /// The type that convolutions are computed in.
  private let precision: ScalarType
  /// What the outputs mean: softmax over labels, or a sigmoid of each region.
  private let scheme: LabelScheme
  /// Whether logits are averaged and returned instead of probabilities, as v2 does.
  private let averagesLogits: Bool
  /// The combinations of mirrored axes in the order in which they are added.
  private let flips: [[Int]]

  /// - Parameters:
  ///   - network: The network; its parameters are on `device`.
  ///   - mirrorAxes: The spatial axes to mirror, 0 being the first; empty to predict each tile
  ///     once, as it is. Nil mirrors all axes.
  ///   - precision: `.float32`, or a shorter type for the network's convolutions. Probabilities are
  ///     always computed and averaged in float32.
  ///   - averagesLogits: Whether logits take the place of probabilities.
  public init(
    _ network: any SegmentationNetwork, device: Device, mirrorAxes: [Int]? = nil,
    precision: ScalarType = .float32, scheme: LabelScheme = .labels,
    averagesLogits: Bool = false
  ) {
    let rank = network.architecture.spatialRank
    let mirrorAxes = mirrorAxes ?? Array(0..<rank)
    precondition(mirrorAxes.allSatisfy { 0..<rank ~= $0 })
    self.network = network
    self.device = device
    self.precision = precision
    self.scheme = scheme
    self.averagesLogits = averagesLogits
    flips = mirrorCombinations(of: mirrorAxes)
  }

  public var labelCount: Int { network.architecture.outputChannels }

  public func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    try withoutGradients {
      let input = try Tensor(tiles, on: device)
      var mean: Tensor?
      for axes in flips {
        // The first two axes are tile and channel.
        let axes = axes.map { $0 + 2 }
        let mirrored = try input.flipped(axes)
        let logits = try withAutocast(to: precision, on: device) {
          try network.fullResolutionLogits(mirrored)
        }
        let probabilities = try activation(logits.converted(to: .float32)).flipped(axes)
        if let mean {
          try mean.add(probabilities, scaledBy: 1 / Double(flips.count))
        } else {
          try probabilities.scale(by: 1 / Double(flips.count))
          mean = probabilities
        }
      }
      guard let mean else { preconditionFailure("there is always the tile as it is") }
      return try mean.array()
    }
  }

  private func activation(_ logits: Tensor) throws -> Tensor {
    if averagesLogits { return logits }
    return switch scheme {
    case .labels: try softmax(logits, axis: 1)
    case .regions: try logits.sigmoid()
    }
  }
}

/// All subsets of axes in nnU-Net's order: the last axis changes fastest.
///
/// For axes 0, 1 and 2: {}, {2}, {1}, {1, 2}, {0}, {0, 2}, {0, 1}, {0, 1, 2}. The order decides
/// about the last bit of the sum.
func mirrorCombinations(of axes: [Int]) -> [[Int]] {
  axes.sorted().reduce([[]]) { combinations, axis in
    combinations.flatMap { [$0, $0 + [axis]] }
  }
}
