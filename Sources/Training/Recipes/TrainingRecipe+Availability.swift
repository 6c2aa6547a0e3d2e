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
    if network.normalization != .instance {
      return "the normalization \"\(network.normalization.rawValue)\""
    }
    if network.activation != .leakyReLU && network.activation != .relu {
      return "the activation \(network.activation.rawValue)"
    }
    if network.activatesFirst { return "normalization after the activation" }
    if network.headsHaveBias { return "segmentation heads with a bias" }
    return nil
  }
}

extension NetworkOptions {
  /// The network of the plans with these options.
  func apply(to configuration: UNetConfiguration) -> UNetConfiguration {
    var result = configuration
    result.negativeSlope = activation == .relu ? 0 : negativeSlope
    result.convolutionsPerStage = convolutionsPerStage ?? result.convolutionsPerStage
    result.baseFeatures = baseFeatures ?? result.baseFeatures
    if usesFullKernels {
      result.kernels = result.kernels.map { $0.map { _ in 3 } }
    }
    return result
  }
}
