extension TrainingRecipe {
  static let architectures: [(String, Change)] = [
    ("_BN", { $0.network.normalization = .batch }),
    ("_GN", { $0.network.normalization = .group }),
    ("_FRN", { $0.network.normalization = .filterResponse }),
    ("_GeLU", { $0.network.activation = .gelu }),
    ("_Mish", { $0.network.activation = .mish }),
    ("_ReLU", { $0.network.activation = .relu }),
    (
      "_ReLU_biasInSegOutput",
      {
        $0.network.activation = .relu
        $0.network.headsHaveBias = true
      }
    ),
    (
      "_ReLU_convReLUIN",
      {
        $0.network.activation = .relu
        $0.network.activatesFirst = true
      }
    ),
    ("_lReLU_biasInSegOutput", { $0.network.headsHaveBias = true }),
    ("_lReLU_convlReLUIN", { $0.network.activatesFirst = true }),
    ("_LReLU_slope_2en1", { $0.network.negativeSlope = 0.2 }),
    ("_NoNormalization", { $0.network.normalization = .none }),
    (
      "_NoNormalization_lr1en3",
      {
        $0.network.normalization = .none
        $0.schedule.initialRate = 1e-3
      }
    ),
    ("_allConv3x3", { $0.network.usesFullKernels = true }),
    (
      "_3ConvPerStage",
      {
        $0.network.convolutionsPerStage = 3
        $0.network.baseFeatures = 24
      }
    ),
    ("_3ConvPerStageSameFilters", { $0.network.convolutionsPerStage = 3 }),
    ("_noDeepSupervision", { $0.usesDeepSupervision = false }),
    ("_lReLU_convReLUIN", { $0.network.activatesFirst = true }),
    (
      "_ResencUNet_SimonsInit",
      {
        $0.network.architecture = .residual
        $0.network.startsAsIdentity = true
      }
    ),
    (
      "_ResencUNet_SimonsInit_DA5",
      {
        $0.network.architecture = .residual
        $0.network.startsAsIdentity = true
        $0.augmentation = .da5
      }
    ),
    ("_ResencUNet", { $0.network.architecture = .residual }),
    (
      "_ResencUNet_DA3",
      {
        $0.network.architecture = .residual
        $0.augmentation = .da3
      }
    ),
    (
      "_ResencUNet_DA3_BN",
      {
        $0.network.architecture = .residual
        $0.network.normalization = .batch
        $0.augmentation = .da3
      }
    ),
  ]

  /// Epochs to be timed: nothing is written or validated.
  static let benchmarks: [(String, Change)] = [
    ("_2epochs", { $0.measure(epochs: 2) }),
    ("_5epochs", { $0.measure(epochs: 5) }),
    (
      "_5epochs_noDS",
      {
        $0.measure(epochs: 5)
        $0.usesDeepSupervision = false
      }
    ),
    (
      "_5epochs_CEnoDS",
      {
        $0.measure(epochs: 5)
        $0.usesDeepSupervision = false
        $0.loss = .only(.crossEntropy)
      }
    ),
    (
      "_2epochs_dummyLoad",
      {
        $0.measure(epochs: 2)
        $0.usesDummyLoad = true
      }
    ),
    (
      "_5epochs_dummyLoad",
      {
        $0.measure(epochs: 5)
        $0.usesDummyLoad = true
      }
    ),
    (
      "_5epochs_dummyLoadCEnoDS",
      {
        $0.measure(epochs: 5)
        $0.usesDummyLoad = true
        $0.usesDeepSupervision = false
        $0.loss = .only(.crossEntropy)
      }
    ),
  ]

  /// Trainers for several graphics cards: the same recipe on one device.
  static let parallel: [(String, Change)] = [
    ("_DP", { _ in }),
    ("_DDP", { _ in }),
    ("_DDP_5epochs", { $0.measure(epochs: 5) }),
    (
      "_DDP_5epochs_dummyLoad",
      {
        $0.measure(epochs: 5)
        $0.usesDummyLoad = true
      }
    ),
    ("BraTSRegions_DDP", { $0.trainOnTumourRegions() }),
  ]

  /// Trainers that differ after or between the epochs.
  static let evaluations: [(String, Change)] = [
    ("_fullEvals", { $0.wholeCaseEvaluation = .tumours }),
    // Its cubic interpolation is for a function that no command of v1 calls.
    ("_resample33", { _ in }),
  ]

  /// Known by name, so that they can be refused with their reason.
  static let missing: [TrainingRecipe] =
    missingFeatures.keys.sorted().map { TrainingRecipe(name: $0) }

  /// BraTS: the whole tumour, its core, and what enhances contrast.
  static let regions: [(String, Change)] = [
    ("BraTSRegions", { $0.trainOnTumourRegions() }),
    (
      "BraTSRegions_BN",
      {
        $0.trainOnTumourRegions()
        $0.network.normalization = .batch
      }
    ),
    (
      "BraTSRegions_Dice",
      {
        $0.trainOnTumourRegions()
        $0.loss = .only(.regionDice(smoothing: 0))
      }
    ),
    (
      "BraTSRegions_DA3",
      {
        $0.trainOnTumourRegions()
        $0.augmentation = .da3
      }
    ),
    (
      "BraTSRegions_DA3_BN",
      {
        $0.trainOnTumourRegions()
        $0.augmentation = .da3
        $0.network.normalization = .batch
      }
    ),
    (
      "BraTSRegions_DA3_BD",
      {
        $0.trainOnTumourRegions()
        $0.augmentation = .da3
        $0.sumsDiceOverBatch = true
      }
    ),
    (
      "BraTSRegions_DA3_BN_BD",
      {
        $0.trainOnTumourRegions()
        $0.augmentation = .da3
        $0.network.normalization = .batch
        $0.sumsDiceOverBatch = true
      }
    ),
    (
      "BraTSRegions_DA4_BN",
      {
        $0.trainOnTumourRegions()
        $0.augmentation = .da4
        $0.network.normalization = .batch
      }
    ),
    (
      "BraTSRegions_DA4_BN_BD",
      {
        $0.trainOnTumourRegions()
        $0.augmentation = .da4
        $0.network.normalization = .batch
        $0.sumsDiceOverBatch = true
      }
    ),
  ]

  static let cascades: [(String, Change)] = [
    ("", { _ in }),
    ("_noConnComp", { $0.cascade.removalProbability = 0 }),
    ("_smallerBinStrel", { $0.cascade.largestRadius = 5 }),
    ("_EducatedGuess", { $0.cascade.guess(probability: 0.5, perLabel: 0.5, removal: 0.2) }),
    ("_EducatedGuess2", { $0.cascade.guess(probability: 0.5, perLabel: 0.5, removal: 0) }),
    ("_EducatedGuess3", { $0.cascade.guess(probability: 1, perLabel: 0.33, removal: 0) }),
    ("_lowerLR", { $0.schedule.initialRate = 1e-3 }),
    ("_shorter", { $0.epochs = 500 }),
    (
      "_shorter_lowerLR",
      {
        $0.epochs = 500
        $0.schedule.initialRate = 1e-3
      }
    ),
  ]

  /// nnU-Net's first trainer: Adam, no deep supervision, rotations by 15° and elastic deformation.
  static let firstVersion: [(String, Change)] = [
    ("", { $0.useFirstVersion(augmentation: .first) }),
    (
      "CE",
      {
        $0.useFirstVersion(augmentation: .first)
        $0.loss = .only(.crossEntropy)
      }
    ),
    (
      "CascadeFullRes",
      {
        $0.useFirstVersion(augmentation: .first)
        $0.cascade.previousTrainer = "nnUNetTrainer"
      }
    ),
    (
      "NoDA",
      {
        $0.useFirstVersion(augmentation: .none)
        $0.mirrorAxes = []
      }
    ),
  ]
}

extension TrainingRecipe {
  private mutating func measure(epochs: Int) {
    self.epochs = epochs
    keepsResults = false
  }

  private mutating func trainOnTumourRegions() {
    regions = LabelRegion.tumours
    loss = .sum(.regionDice(smoothing: 0), .binaryCrossEntropy)
    sumsDiceOverBatch = false
  }

  private mutating func useFirstVersion(augmentation: AugmentationVariant) {
    optimizer = .adam(amsgrad: true)
    schedule = .plateau(initialRate: 3e-4)
    usesDeepSupervision = false
    self.augmentation = augmentation
  }

  mutating func endWithCycle(epochs length: Int, highest: Double) {
    epochs = 1000 + length
    schedule.phases.append(
      .init(from: 1000, .cycle(epochs: length, lowest: 1e-6, highest: highest)))
  }
}

extension CascadeRecipe {
  fileprivate mutating func guess(probability: Double, perLabel: Double, removal: Double) {
    morphologyProbability = probability
    morphologyProbabilityPerLabel = perLabel
    largestRadius = 5
    removalProbability = removal
    largestCoverage = 0.1
  }
}

extension LossRecipe {
  static func only(_ kind: Kind) -> LossRecipe { LossRecipe([Term(kind)]) }
  static func sum(_ kinds: Kind...) -> LossRecipe { LossRecipe(kinds.map { Term($0) }) }
}

extension LossRecipe.Kind {
  /// nnU-Net's Dice term.
  static let foregroundDice = LossRecipe.Kind.dice(smoothing: 1e-5, background: false)
}

extension LearningRateSchedule {
  /// A constant rate that falls when the loss stays.
  static func plateau(initialRate: Double) -> LearningRateSchedule {
    LearningRateSchedule(
      initialRate: initialRate, phases: .steps([(0, 1)]), plateau: PlateauRule())
  }
}

extension [LearningRateSchedule.Phase] {
  /// Constant factors of the initial rate.
  static func steps(_ steps: [(epoch: Int, factor: Double)]) -> Self {
    steps.map { Element(from: $0.epoch, .constant(factor: $0.factor)) }
  }
}
