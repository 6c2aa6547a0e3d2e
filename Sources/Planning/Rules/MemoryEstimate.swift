import HostSystem

/// Estimates how much memory a U-Net needs for training: the number of values in its feature maps.
///
/// The unit is values of one sample, not bytes; only the comparison with ``MemoryTarget`` has a
/// meaning. Parameters and the optimizer are not included.
public struct MemoryEstimate: Hashable, Sendable {
  /// Feature maps at full resolution.
  package var baseFeatureCount: Int
  /// The largest number of feature maps.
  package var maximumFeatureCount: Int
  package var convolutionsPerStage: Int
  package var channelCount: Int
  /// The number of network outputs, including the background.
  package var outputCount: Int
  /// The residual blocks of the encoder; nil for the plain U-Net.
  package var residualBlocks: PlannedResidualBlocks?

  /// Creates the estimate for a plain U-Net.
  ///
  /// - Parameters:
  ///   - baseFeatureCount: The feature maps of the highest resolution.
  ///   - maximumFeatureCount: The limit of their doubling with each pooling.
  ///   - convolutionsPerStage: The convolutions of each encoder and decoder stage.
  ///   - channelCount: The number of input channels.
  ///   - outputCount: The number of network outputs, including the background.
  public init(
    baseFeatureCount: Int, maximumFeatureCount: Int, convolutionsPerStage: Int, channelCount: Int,
    outputCount: Int
  ) {
    self.baseFeatureCount = baseFeatureCount
    self.maximumFeatureCount = maximumFeatureCount
    self.convolutionsPerStage = convolutionsPerStage
    self.channelCount = channelCount
    self.outputCount = outputCount
  }

  /// The number of values for a patch and its pooling.
  ///
  /// Each level contains the maps of the encoder's and the decoder's convolutions and of one
  /// transposed convolution, the bottleneck only those of its convolutions.
  public func callAsFunction(_ topology: NetworkTopology) -> Int {
    if let residualBlocks { return residualEstimate(topology, residualBlocks) }
    var size = topology.patchSize
    let levelMaps = 2 * convolutionsPerStage + 1
    let voxels = size.trustedProduct
    var values =
      levelMaps * voxels * baseFeatureCount + channelCount * voxels + outputCount * voxels
    var featureCount = baseFeatureCount
    for (level, strides) in topology.poolStrides.enumerated() {
      size = zip(size, strides).map(/)
      featureCount = min(2 * featureCount, maximumFeatureCount)
      let isBottleneck = level == topology.poolStrides.count - 1
      values +=
        (isBottleneck ? convolutionsPerStage : levelMaps) * size.trustedProduct * featureCount
    }
    return values
  }

  /// Two convolutions for each block and one in the skip of a stage's first block; the decoder has
  /// its blocks and one transposed convolution; both for a batch of 2.
  ///
  /// A patch that is not yet padded gives fractions, which are rounded up.
  private func residualEstimate(_ topology: NetworkTopology, _ blocks: PlannedResidualBlocks) -> Int
  {
    var size = topology.patchSize.map(Double.init)
    let voxels = size.reduce(1.0, *)
    let levels = topology.poolStrides.count
    let encoder = blocks.encoder(levels: levels)
    let decoder = blocks.decoder(levels: levels)
    var features = baseFeatureCount
    var values = Double((encoder[0] * 2 + 1) * features + channelCount) * voxels
    values += Double(((decoder.last ?? 1) + 1) * features + outputCount) * voxels
    for (level, strides) in topology.poolStrides.enumerated() {
      size = zip(size, strides).map { $0 / Double($1) }
      features = min(2 * features, maximumFeatureCount)
      var maps = encoder[level + 1] * 2 + 1
      if level + 1 < levels { maps += decoder[levels - level - 2] + 1 }
      values += Double(maps * features) * size.reduce(1.0, *)
    }
    return Int(trusted: (values * 2).rounded(.up))
  }
}

/// The numbers of blocks in the stages of a residual encoder and of its plain decoder.
public struct PlannedResidualBlocks: Hashable, Sendable {
  /// The blocks of the first encoder stages; the last entry also applies to deeper stages.
  public var first = [1, 2, 3, 4]
  /// The blocks of each decoder stage.
  package var inDecoder = 1

  /// Creates the blocks of `ExperimentPlanner3DFabiansResUNet_v21`.
  public init() {}

  /// The blocks of each encoder stage, including the bottleneck.
  package func encoder(levels: Int) -> [Int] {
    (0...levels).map { first[min($0, first.count - 1)] }
  }

  /// The blocks of each decoder stage.
  package func decoder(levels: Int) -> [Int] { Array(repeating: inDecoder, count: levels) }
}

/// The memory that the planned network may use, in the unit of ``MemoryEstimate``.
public struct MemoryTarget: Hashable, Sendable {
  /// The estimate that a batch of ``batchSize`` may reach for each sample.
  package var valuesPerSample: Double
  /// The smallest batch, to which `valuesPerSample` refers.
  public var batchSize: Int

  /// Creates a target from the memory that each sample of a batch may take, in values of feature
  /// maps.
  public init(valuesPerSample: Double, batchSize: Int) {
    self.valuesPerSample = valuesPerSample
    self.batchSize = batchSize
  }

  /// nnU-Net's 3D networks: a batch of 2 on a GPU of 8 GB (11 GB with single precision).
  ///
  /// The reference was measured with 30 feature maps and is scaled to 32.
  package static let standard3D = MemoryTarget(
    valuesPerSample: 520_000_000.0 * 32 / 30, batchSize: 2)
  /// The residual encoder of `ExperimentPlanner3DFabiansResUNet_v21`; the estimate is for a batch of 2.
  package static let residual3D = MemoryTarget(valuesPerSample: 1_230_348_801, batchSize: 2)

  /// nnU-Net's larger 3D networks: the reference for 30 feature maps times a factor.
  package static func reference3D(times factor: Double) -> MemoryTarget {
    MemoryTarget(valuesPerSample: 520_000_000.0 * factor, batchSize: 2)
  }

  /// The GPU memory on which ``standard3D`` and ``standard2D`` were measured, GB.
  package static let standardGigabytes = 8.0

  /// The same target for a GPU with memory other than 8 GB.
  package func scaled(toGigabytes gigabytes: Double) -> MemoryTarget {
    MemoryTarget(
      valuesPerSample: valuesPerSample * gigabytes / Self.standardGigabytes, batchSize: batchSize)
  }

  /// nnU-Net's 2D networks: measured with a batch of 50, stated for a batch of 2.
  package static let standard2D = MemoryTarget(
    valuesPerSample: 19_739_648.0 * 50 / 2, batchSize: 2)
}
