/// The resolutions of a network, for drawings and losses.
extension NetworkArchitecture {
  /// How much coarser each resolution is than the previous one, beginning with the second.
  public var poolStrides: [[Int]] {
    switch self {
    case .genericUNet(let configuration): configuration.poolStrides
    case .dynamicUNet(let configuration): Array(configuration.strides.dropFirst())
    }
  }

  /// The features of encoder stage `depth`; the bottleneck is the last one.
  public func features(atDepth depth: Int) -> Int {
    switch self {
    case .genericUNet(let configuration): configuration.features(atDepth: depth)
    case .dynamicUNet(let configuration): configuration.features[depth]
    }
  }

  /// The kernel of each encoder stage.
  package var encoderKernels: [[Int]] {
    switch self {
    case .genericUNet(let configuration): configuration.kernels
    case .dynamicUNet(let configuration): configuration.kernels
    }
  }

  /// The kernel of the decoder stage next to encoder stage `depth`; v1 uses that of the stage
  /// below.
  package func decoderKernel(atDepth depth: Int) -> [Int] {
    switch self {
    case .genericUNet(let configuration): configuration.kernels[depth + 1]
    case .dynamicUNet(let configuration): configuration.kernels[depth]
    }
  }

  /// Whether a loss counts the coarsest output, too, as v1 does with residual encoders.
  package var weighsDeepestOutput: Bool {
    switch self {
    case .genericUNet(let configuration): configuration.residualBlocks != nil
    case .dynamicUNet: false
    }
  }
}
