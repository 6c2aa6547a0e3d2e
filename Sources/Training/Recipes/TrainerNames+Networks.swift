extension TrainingRecipe {
  private static func augmentation(_ variant: AugmentationVariant) -> Change {
    set(\.augmentation, variant)
  }
  private static let noMirroring = set(\.mirrorAxes, [])

  static let augmentations: Table = [
    ("_noDataAugmentation", [augmentation(.none), noMirroring]),
    ("_noMirroring", [noMirroring]),
    ("_independentScalePerAxis", [augmentation(.independentScalePerAxis)]),
    ("_DA2", [augmentation(.da2)]),
    ("_DA3", [augmentation(.da3)]),
    ("_DA3_BN", [augmentation(.da3), batchNorm]),
    ("_DA5", [augmentation(.da5)]),
    ("_insaneDA", [augmentation(.insane)]),
    ("_MMS", [augmentation(.mms), batchNorm]),
  ]

  private static let batchNorm = set(\.network.normalization, .batch)
  private static let withoutNorm = set(\.network.normalization, .none)
  private static let relu = set(\.network.activation, .relu)
  private static let activatesFirst = set(\.network.activatesFirst, true)
  private static let biasedHeads = set(\.network.headsHaveBias, true)
  private static let threeConvolutions = set(\.network.convolutionsPerStage, 3)
  private static let coarseOutputsUnused = set(\.usesDeepSupervision, false)
  private static let residual = set(\.network.architecture, .residual)
  private static let identity = set(\.network.startsAsIdentity, true)

  static let architectures: Table = [
    ("_BN", [batchNorm]),
    ("_GN", [set(\.network.normalization, .group)]),
    ("_FRN", [set(\.network.normalization, .filterResponse)]),
    ("_GeLU", [set(\.network.activation, .gelu)]),
    ("_Mish", [set(\.network.activation, .mish)]),
    ("_ReLU", [relu]),
    ("_ReLU_biasInSegOutput", [relu, biasedHeads]),
    ("_ReLU_convReLUIN", [relu, activatesFirst]),
    ("_lReLU_biasInSegOutput", [biasedHeads]),
    // v1's file and its class have different spellings.
    ("_lReLU_convlReLUIN", [activatesFirst]),
    ("_lReLU_convReLUIN", [activatesFirst]),
    ("_LReLU_slope_2en1", [set(\.network.negativeSlope, 0.2)]),
    ("_NoNormalization", [withoutNorm]),
    ("_NoNormalization_lr1en3", [withoutNorm, rate(1e-3)]),
    ("_allConv3x3", [set(\.network.usesFullKernels, true)]),
    ("_3ConvPerStage", [threeConvolutions, set(\.network.baseFeatures, 24)]),
    ("_3ConvPerStageSameFilters", [threeConvolutions]),
    ("_noDeepSupervision", [coarseOutputsUnused]),
    ("_ResencUNet", [residual]),
    ("_ResencUNet_DA3", [residual, augmentation(.da3)]),
    ("_ResencUNet_DA3_BN", [residual, augmentation(.da3), batchNorm]),
    ("_ResencUNet_SimonsInit", [residual, identity]),
    ("_ResencUNet_SimonsInit_DA5", [residual, identity, augmentation(.da5)]),
    // Not in v1: the networks of v2, by their classes' names there.
    ("_PlainConvUNet", [set(\.network.architecture, .plainConvUNet)]),
    ("_ResidualEncoderUNet", [set(\.network.architecture, .residualEncoderUNet)]),
  ]

  /// Epochs to be timed: nothing is written or validated.
  private static func measuring(epochs: Int) -> Change {
    {
      $0.epochs = epochs
      $0.keepsResults = false
    }
  }
  private static let dummyLoad = set(\.usesDummyLoad, true)
  private static let crossEntropy = set(\.loss, .only(.crossEntropy))

  static let benchmarks: Table = [
    ("_2epochs", [measuring(epochs: 2)]),
    ("_2epochs_dummyLoad", [measuring(epochs: 2), dummyLoad]),
    ("_5epochs", [measuring(epochs: 5)]),
    ("_5epochs_noDS", [measuring(epochs: 5), coarseOutputsUnused]),
    ("_5epochs_CEnoDS", [measuring(epochs: 5), coarseOutputsUnused, crossEntropy]),
    ("_5epochs_dummyLoad", [measuring(epochs: 5), dummyLoad]),
    (
      "_5epochs_dummyLoadCEnoDS",
      [measuring(epochs: 5), dummyLoad, coarseOutputsUnused, crossEntropy]
    ),
  ]

  /// Trainers for several graphics cards: every recipe can be trained on several.
  static let parallel: Table = [
    ("_DP", []),
    ("_DDP", []),
    ("_DDP_5epochs", [measuring(epochs: 5)]),
    ("_DDP_5epochs_dummyLoad", [measuring(epochs: 5), dummyLoad]),
    ("BraTSRegions_DDP", [tumours]),
  ]

  /// Trainers that differ after or between the epochs.
  static let evaluations: Table = [
    ("_fullEvals", [set(\.wholeCaseEvaluation, .tumours)]),
    // Its cubic interpolation is for a function that no command of v1 calls.
    ("_resample33", []),
  ]

  /// BraTS: the whole tumour, its core, and what enhances contrast.
  private static let tumours: Change = {
    $0.regions = LabelRegion.tumours
    $0.loss = .sum(.regionDice(smoothing: 0), .binaryCrossEntropy)
    $0.sumsDiceOverBatch = false
  }
  private static let batchDice = set(\.sumsDiceOverBatch, true)

  static let regions: Table = [
    ("BraTSRegions", [tumours]),
    ("BraTSRegions_BN", [tumours, batchNorm]),
    ("BraTSRegions_Dice", [tumours, set(\.loss, .only(.regionDice(smoothing: 0)))]),
    ("BraTSRegions_DA3", [tumours, augmentation(.da3)]),
    ("BraTSRegions_DA3_BN", [tumours, augmentation(.da3), batchNorm]),
    ("BraTSRegions_DA3_BD", [tumours, augmentation(.da3), batchDice]),
    ("BraTSRegions_DA3_BN_BD", [tumours, augmentation(.da3), batchNorm, batchDice]),
    ("BraTSRegions_DA4_BN", [tumours, augmentation(.da4), batchNorm]),
    ("BraTSRegions_DA4_BN_BD", [tumours, augmentation(.da4), batchNorm, batchDice]),
  ]

  /// How the previous segmentation is changed, with balls of radius 5 and components below 10 %.
  private static func guess(
    probability: Double, perLabel: Double, removal: Double
  ) -> Change {
    {
      $0.cascade.morphologyProbability = probability
      $0.cascade.morphologyProbabilityPerLabel = perLabel
      $0.cascade.largestRadius = 5
      $0.cascade.removalProbability = removal
      $0.cascade.largestCoverage = 0.1
    }
  }

  static let cascades: Table = [
    ("", []),
    ("_noConnComp", [set(\.cascade.removalProbability, 0)]),
    ("_smallerBinStrel", [set(\.cascade.largestRadius, 5)]),
    ("_EducatedGuess", [guess(probability: 0.5, perLabel: 0.5, removal: 0.2)]),
    ("_EducatedGuess2", [guess(probability: 0.5, perLabel: 0.5, removal: 0)]),
    ("_EducatedGuess3", [guess(probability: 1, perLabel: 0.33, removal: 0)]),
    ("_lowerLR", [rate(1e-3)]),
    ("_shorter", [set(\.epochs, 500)]),
    ("_shorter_lowerLR", [set(\.epochs, 500), rate(1e-3)]),
    // Not in v1.
    (
      "_PlainConvUNet",
      [
        set(\.network.architecture, .plainConvUNet),
        set(\.cascade.previousTrainer, "nnUNetTrainerV2_PlainConvUNet"),
      ]
    ),
    (
      "_ResidualEncoderUNet",
      [
        set(\.network.architecture, .residualEncoderUNet),
        set(\.cascade.previousTrainer, "nnUNetTrainerV2_ResidualEncoderUNet"),
      ]
    ),
  ]

  /// nnU-Net's first trainer: Adam, no deep supervision, rotations by 15° and elastic deformation.
  private static let first: Change = {
    $0.optimizer = .adam(amsgrad: true)
    $0.schedule = .plateau(initialRate: 3e-4)
    $0.usesDeepSupervision = false
    $0.augmentation = .first
  }

  static let firstVersion: Table = [
    ("", [first]),
    ("CE", [first, crossEntropy]),
    ("CascadeFullRes", [first, set(\.cascade.previousTrainer, "nnUNetTrainer")]),
    ("NoDA", [first, augmentation(.none), noMirroring]),
  ]
}
