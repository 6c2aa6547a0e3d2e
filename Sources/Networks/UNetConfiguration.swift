import HostSystem
import JSON
public import Plans

/// The shape of a U-Net.
public struct UNetConfiguration: Codable, Hashable, Sendable {
  /// The channels of an image; in a cascade, also one for each foreground label.
  public var inputChannels: Int
  /// The number of labels, including the background, or of regions.
  public var outputChannels: Int
  /// The features of the highest resolution, which double with each pooling.
  public var baseFeatures: Int
  /// The limit of the doubling; 320 in 3D and 480 in 2D with nnU-Net's plans.
  public var maximumFeatures: Int
  /// The stride of each pooling, highest resolution first; `(z, y, x)` or `(y, x)`.
  public var poolStrides: [[Int]]
  /// The kernel of each encoder stage and of the bottleneck: one more than `poolStrides`.
  public var kernels: [[Int]]
  /// The convolutions of each encoder and decoder stage, 2 in nnU-Net.
  public var convolutionsPerStage: Int
  /// The normalization of the features after each convolution.
  public var normalization = FeatureNormalization.instance
  /// The number that is added to variances before their square roots are taken.
  public var normalizationEpsilon = 1e-5
  /// The function after each normalized convolution.
  public var nonlinearity = Nonlinearity.leakyReLU(slope: 0.01)
  /// Whether features are normalized after the nonlinearity instead of before it.
  public var normalizesAfterNonlinearity = false
  /// Whether segmentation heads add a bias.
  public var headsHaveBias = false
  /// Whether training sees the outputs of all resolutions; the heads exist in any case.
  public var usesDeepSupervision = true
  /// The blocks of a residual encoder; nil for the plain U-Net.
  public var residualBlocks: ResidualBlocks?
  /// The slope for which the initial weights are drawn, whatever the nonlinearity.
  public var initializationSlope = 0.01
  /// The name of a network that a package added; nil for those of nnU-Net.
  public var registeredName: String?

  /// Creates the plain U-Net of nnU-Net v1 with these numbers.
  ///
  /// Nothing is checked here: ``problem`` says why a network cannot be built. Strides and kernels
  /// begin with the highest resolution and are `(z, y, x)` or `(y, x)`.
  public init(
    inputChannels: Int, outputChannels: Int, baseFeatures: Int, maximumFeatures: Int,
    poolStrides: [[Int]], kernels: [[Int]], convolutionsPerStage: Int = 2
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.baseFeatures = baseFeatures
    self.maximumFeatures = maximumFeatures
    self.poolStrides = poolStrides
    self.kernels = kernels
    self.convolutionsPerStage = convolutionsPerStage
  }

  /// The network that plans describe for one of their stages.
  ///
  /// The feature limits are those of the network (320 in 3D, 480 in 2D), which differ from the
  /// planner's estimate in 2D: `Generic_UNet.MAX_NUM_FILTERS_3D` and `MAX_FILTERS_2D`.
  public init(plans: ExperimentPlans, stage: StagePlan) {
    self.init(
      inputChannels: plans.channelCount, outputChannels: plans.foregroundLabelCount + 1,
      baseFeatures: plans.baseFeatureCount,
      maximumFeatures: stage.patchSize.count == 3 ? 320 : 480,
      poolStrides: stage.poolStrides, kernels: stage.convolutionKernels,
      convolutionsPerStage: plans.convolutionsPerStage ?? 2)
    if let encoder = stage.encoderBlockCounts, let decoder = stage.decoderBlockCounts {
      residualBlocks = ResidualBlocks(encoder: encoder, decoder: decoder)
      // The plans also name the first stage's stride, which is 1.
      poolStrides = Array(stage.poolStrides.dropFirst())
      // v1 has the same limit for two and three axes here.
      maximumFeatures = 320
    }
  }

  /// The number of spatial axes.
  public var spatialRank: Int { kernels[0].count }

  /// The features of encoder stage `depth`; the bottleneck is the last one.
  public func features(atDepth depth: Int) -> Int {
    // Shifting stops at the limit, long before it could overflow.
    min(baseFeatures << min(depth, 32), maximumFeatures)
  }

  /// Sizes of inputs must be divisible by this, per axis.
  public var divisor: [Int] {
    poolStrides.reduce(Array(repeating: 1, count: spatialRank)) { zip($0, $1).map { $0 * $1 } }
  }
}

extension UNetConfiguration {
  /// Why the network cannot be built, in words; nil for a valid configuration.
  ///
  /// The numbers may come from a file, and building a network of absurd ones ends the program.
  public var problem: String? {
    let stages = poolStrides.count
    guard stages > 0 else { return "it has no pooling" }
    guard kernels.count == stages + 1 else {
      return "it has \(kernels.count) kernels for \(stages) poolings; one more is needed"
    }
    guard let rank = kernels.first?.count, rank == 2 || rank == 3,
      (kernels + poolStrides).allSatisfy({ $0.count == rank })
    else { return "its kernels and strides do not all have two or all have three axes" }
    let counts = [
      ("inputChannels", inputChannels), ("outputChannels", outputChannels),
      ("baseFeatures", baseFeatures), ("maximumFeatures", maximumFeatures),
      ("convolutionsPerStage", convolutionsPerStage),
    ]
    if let (key, value) = counts.first(where: { !NetworkLimits.counts.contains($0.1) }) {
      return "\(key) is \(value), but must be 1 to \(NetworkLimits.counts.upperBound)"
    }
    let blocks = residualBlocks.map { $0.encoder + $0.decoder } ?? []
    if let residualBlocks {
      guard residualBlocks.encoder.count == kernels.count, residualBlocks.decoder.count == stages
      else { return "the lengths of its lists of blocks differ from its number of stages" }
    }
    return NetworkLimits.problem(
      blocks: blocks + [convolutionsPerStage], kernels: kernels, strides: poolStrides,
      epsilon: normalizationEpsilon)
  }

  /// Reads a configuration; what an older version did not write gets its default.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      inputChannels: try keys.decode(Int.self, forKey: .inputChannels),
      outputChannels: try keys.decode(Int.self, forKey: .outputChannels),
      baseFeatures: try keys.decode(Int.self, forKey: .baseFeatures),
      maximumFeatures: try keys.decode(Int.self, forKey: .maximumFeatures),
      poolStrides: try keys.decode([[Int]].self, forKey: .poolStrides),
      kernels: try keys.decode([[Int]].self, forKey: .kernels))
    try keys.update(&convolutionsPerStage, .convolutionsPerStage)
    try keys.update(&normalization, .normalization)
    try keys.update(&normalizationEpsilon, .normalizationEpsilon)
    try keys.update(&nonlinearity, .nonlinearity)
    try keys.update(&normalizesAfterNonlinearity, .normalizesAfterNonlinearity)
    try keys.update(&headsHaveBias, .headsHaveBias)
    try keys.update(&usesDeepSupervision, .usesDeepSupervision)
    try keys.update(&residualBlocks, .residualBlocks)
    try keys.update(&initializationSlope, .initializationSlope)
    try keys.update(&registeredName, .registeredName)
    if let problem {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "impossible network: \(problem)"))
    }
  }
}
