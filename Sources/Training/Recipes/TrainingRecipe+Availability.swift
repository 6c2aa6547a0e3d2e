import Networks

extension TrainingRecipe {
  /// What the recipe needs, but this version does not have; nil if nothing is missing.
  public var unavailableFeature: String? {
    Self.missingFeatures[name]
  }
}

extension TrainingRecipe {
  /// Trainers of v1 that differ from the default in something that recipes cannot express.
  static let missingFeatures: [String: String] = [
    // v1 also stops ("This aint ready for prime time yet"): the loss is in no public code.
    "nnUNetTrainerV2_softDeepSupervision": "a loss that nnU-Net v1 mentions but never contained"
  ]
}

extension NetworkOptions {
  /// The network of the plans with these options.
  func apply(to configuration: UNetConfiguration) -> UNetConfiguration {
    var result = configuration
    result.nonlinearity = nonlinearity
    result.normalization =
      switch normalization {
      case .instance: .instance
      case .batch: .batch
      case .group: .group(count: 8)
      case .filterResponse: .filterResponse
      case .none: .none
      }
    result.residualBlocks?.startsAsIdentity = startsAsIdentity
    result.normalizesAfterNonlinearity = activatesFirst
    result.headsHaveBias = headsHaveBias
    result.convolutionsPerStage = convolutionsPerStage ?? result.convolutionsPerStage
    result.baseFeatures = baseFeatures ?? result.baseFeatures
    result.registeredName = registered
    if usesFullKernels {
      result.kernels = result.kernels.map { $0.map { _ in 3 } }
    }
    return result
  }
}
