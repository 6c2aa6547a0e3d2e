/// Estimates how much memory a U-Net needs for training: the number of values in its feature maps.
///
/// The unit is values of one sample, not bytes; only the comparison with
/// ``MemoryTarget`` has a meaning. Parameters and the optimizer are left out.
public struct MemoryEstimate: Hashable, Sendable {
  /// Feature maps at full resolution.
  public var baseFeatureCount: Int
  /// The largest number of feature maps.
  public var maximumFeatureCount: Int
  public var convolutionsPerStage: Int
  public var channelCount: Int
  /// The number of network outputs, background included.
  public var outputCount: Int

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
  /// Each level holds the maps of the encoder's and the decoder's convolutions and of one transposed
  /// convolution, the bottleneck those of its convolutions alone.
  public func callAsFunction(_ topology: NetworkTopology) -> Int {
    var size = topology.patchSize
    let levelMaps = 2 * convolutionsPerStage + 1
    let voxels = size.reduce(1, *)
    var values =
      levelMaps * voxels * baseFeatureCount + channelCount * voxels + outputCount * voxels
    var featureCount = baseFeatureCount
    for (level, strides) in topology.poolStrides.enumerated() {
      size = zip(size, strides).map(/)
      featureCount = min(2 * featureCount, maximumFeatureCount)
      let isBottleneck = level == topology.poolStrides.count - 1
      values +=
        (isBottleneck ? convolutionsPerStage : levelMaps) * size.reduce(1, *) * featureCount
    }
    return values
  }
}

/// How much memory the planned network may use, in the unit of ``MemoryEstimate``.
public struct MemoryTarget: Hashable, Sendable {
  /// The estimate that a batch of ``batchSize`` may reach for each sample.
  public var valuesPerSample: Double
  /// The smallest batch, which ``valuesPerSample`` is meant for.
  public var batchSize: Int

  public init(valuesPerSample: Double, batchSize: Int) {
    self.valuesPerSample = valuesPerSample
    self.batchSize = batchSize
  }

  /// nnU-Net's 3D networks: a batch of 2 on a GPU of 8 GB (11 GB with single precision).
  ///
  /// The reference was measured with 30 feature maps and is scaled to 32.
  public static let standard3D = MemoryTarget(
    valuesPerSample: 520_000_000.0 * 32 / 30, batchSize: 2)
  /// nnU-Net's 2D networks: measured with a batch of 50, stated for a batch of 2.
  public static let standard2D = MemoryTarget(
    valuesPerSample: 19_739_648.0 * 50 / 2, batchSize: 2)
}
