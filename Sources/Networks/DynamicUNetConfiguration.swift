/// The shape of a U-Net of nnU-Net v2: plain, or with residual blocks in the encoder.
///
/// All numbers are given stage by stage; stage 0 has the highest resolution. Source: the
/// architectures of `dynamic_network_architectures` that plans of v2 name.
public struct DynamicUNetConfiguration: Codable, Hashable, Sendable {
  /// The blocks of the encoder.
  public enum Encoder: String, Codable, Hashable, Sendable {
    /// Convolutions one after the other (`PlainConvUNet`).
    case plain
    /// Residual blocks after a stem (`ResidualEncoderUNet`).
    case residual
  }

  package var encoder: Encoder
  package var inputChannels: Int
  /// Including the background, or one for each region.
  package var outputChannels: Int
  /// The channels of each stage.
  public var features: [Int]
  package var kernels: [[Int]]
  package var strides: [[Int]]
  /// Convolutions or residual blocks of each encoder stage.
  package var encoderBlocks: [Int]
  /// Convolutions of each decoder stage, the deepest first; one less than stages.
  package var decoderConvolutions: [Int]
  package var convolutionsHaveBias = true
  /// The normalization of the features after each convolution.
  public var normalization = FeatureNormalization.instance
  package var normalizationEpsilon = 1e-5
  package var nonlinearity = Nonlinearity.leakyReLU(slope: 0.01)

  /// Creates a network with convolutions with bias, instance normalization and leaky ReLUs.
  ///
  /// All lists begin with the highest resolution, except `decoderConvolutions`, which begins with
  /// the deepest decoder stage and is one shorter than the others. Kernels and strides are `(z, y,
  /// x)` or `(y, x)`; each number of `strides` is the factor by which the stage makes its input
  /// coarser. Nothing is checked here.
  public init(
    encoder: Encoder, inputChannels: Int, outputChannels: Int, features: [Int],
    kernels: [[Int]], strides: [[Int]], encoderBlocks: [Int], decoderConvolutions: [Int]
  ) {
    self.encoder = encoder
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.features = features
    self.kernels = kernels
    self.strides = strides
    self.encoderBlocks = encoderBlocks
    self.decoderConvolutions = decoderConvolutions
  }

  /// The number of spatial axes.
  package var spatialRank: Int { kernels[0].count }

  /// Sizes of inputs must be divisible by this, per axis.
  public var divisor: [Int] {
    strides.reduce(Array(repeating: 1, count: spatialRank)) { zip($0, $1).map { $0 * $1 } }
  }

  /// Why the network cannot be built, in words; nil for a valid configuration.
  package var problem: String? {
    let stages = features.count
    guard stages > 1 else { return "it has fewer than two stages" }
    guard kernels.count == stages, strides.count == stages, encoderBlocks.count == stages,
      decoderConvolutions.count == stages - 1
    else { return "the lengths of its lists differ from its number of stages" }
    guard let rank = kernels.first?.count, rank == 2 || rank == 3,
      (kernels + strides).allSatisfy({ $0.count == rank })
    else { return "its kernels and strides do not all have two or all have three axes" }
    let counts =
      features + encoderBlocks + decoderConvolutions + kernels.joined()
      + [inputChannels, outputChannels]
    guard (counts + strides.joined()).allSatisfy(NetworkLimits.counts.contains) else {
      return "one of its numbers is not positive or absurdly large"
    }
    if let problem = NetworkLimits.problem(
      blocks: encoderBlocks + decoderConvolutions, kernels: kernels, strides: strides,
      epsilon: normalizationEpsilon)
    {
      return problem
    }
    guard kernels.joined().allSatisfy({ $0 % 2 == 1 }) else { return "a kernel's size is even" }
    return nil
  }
}
