public import Plans

extension DynamicUNetConfiguration {
  /// The network that nnU-Net v2 builds for one stage of plans: 2 convolutions per stage, or the
  /// residual blocks of its presets for residual encoders.
  ///
  /// Source: `ExperimentPlanner` and `ResEncUNetPlanner` of nnU-Net v2, whose limits of features are 320
  /// in 3D and 512 in 2D.
  public init(
    _ encoder: Encoder, plans: ExperimentPlans, stage: StagePlan, inputChannels: Int,
    outputChannels: Int
  ) {
    let maximum = stage.patchSize.count == 3 ? 320 : 512
    let stages = stage.convolutionKernels.count
    self.init(
      encoder: encoder, inputChannels: inputChannels, outputChannels: outputChannels,
      features: (0..<stages).map { min(plans.baseFeatureCount << min($0, 32), maximum) },
      kernels: stage.convolutionKernels,
      strides: [stage.patchSize.map { _ in 1 }] + stage.poolStrides,
      encoderBlocks: (0..<stages).map {
        switch encoder {
        case .plain: plans.convolutionsPerStage ?? 2
        case .residual: Self.residualBlocks[min($0, Self.residualBlocks.count - 1)]
        }
      },
      decoderConvolutions: Array(
        repeating: encoder == .plain ? plans.convolutionsPerStage ?? 2 : 1, count: stages - 1))
  }

  /// The residual blocks of the encoder's stages; deeper ones have as many as the last.
  private static let residualBlocks = [1, 3, 4, 6]
}
