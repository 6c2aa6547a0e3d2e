import Networks

extension TrainingRecipe {
  /// What the recipe needs and this version does not have; nil if there is nothing.
  public var unavailableFeature: String? {
    if optimizer == .ranger { return "the optimizer Ranger" }
    switch augmentation {
    case .da5: return "the augmentation DA5"
    case .standard, .none, .independentScalePerAxis, .da2, .da3, .da4, .insane, .mms, .first: break
    }
    if let feature = Self.missingFeatures[name] { return feature }
    if network.normalization == .filterResponse { return "filter response normalization" }
    return nil
  }
}

extension TrainingRecipe {
  /// Trainers of v1 that differ from the default in something that no recipe can say.
  static let missingFeatures: [String: String] = [
    "nnUNetTrainerCascadeFullRes": "the cascade of nnU-Net's first trainer",
    "nnUNetTrainerV2_fullEvals": "the prediction of whole cases after every epoch",
    "nnUNetTrainerV2_resample33": "the export of its validation with cubic interpolation",
    "nnUNetTrainerV2_softDeepSupervision": "targets that are fractions at lower resolutions",
  ]
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
    result.residualBlocks?.startsAsIdentity = startsAsIdentity
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
