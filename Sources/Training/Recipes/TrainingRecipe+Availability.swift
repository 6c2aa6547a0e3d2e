import Networks

extension TrainingRecipe {
  /// What the recipe needs and this version does not have; nil if there is nothing.
  public var unavailableFeature: String? {
    if optimizer == .ranger { return "the optimizer Ranger" }
    switch augmentation {
    case .da3, .da4, .da5, .insane, .first: return "the augmentation \(augmentation.rawValue)"
    case .standard, .none, .independentScalePerAxis, .da2: break
    }
    if network.architecture != .plain { return "the residual encoder" }
    if network.normalization == .filterResponse { return "filter response normalization" }
    return nil
  }
}

extension NetworkOptions {
  /// The network of the plans with these options.
  func apply(to configuration: UNetConfiguration) -> UNetConfiguration {
    var result = configuration
    result.nonlinearity =
      switch activation {
      case .leakyReLU: .leakyReLU(slope: negativeSlope)
      case .relu: .relu
      case .gelu: .gelu
      case .mish: .mish
      }
    result.normalization =
      switch normalization {
      case .instance: .instance
      case .batch: .batch
      case .group: .group(count: 8)
      case .none, .filterResponse: .none
      }
    result.normalizesAfterNonlinearity = activatesFirst
    result.headsHaveBias = headsHaveBias
    result.convolutionsPerStage = convolutionsPerStage ?? result.convolutionsPerStage
    result.baseFeatures = baseFeatures ?? result.baseFeatures
    if usesFullKernels {
      result.kernels = result.kernels.map { $0.map { _ in 3 } }
    }
    return result
  }
}
