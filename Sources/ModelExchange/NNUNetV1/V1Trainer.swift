import HostSystem
package import Networks

/// How a trainer of v1 changes the network of the plans, and how its models predict.
///
/// A file of weights shows neither; only the class that trained a model does.
package struct V1Trainer: Sendable, Hashable {
  package var normalization = FeatureNormalization.instance
  package var nonlinearity = Nonlinearity.leakyReLU(slope: 0.01)
  package var normalizesAfterNonlinearity = false
  package var headsHaveBias = false
  /// Instead of the plans' number.
  package var convolutionsPerStage: Int?
  /// Instead of the plans' number.
  package var baseFeatures: Int?
  /// Whether all kernels have three voxels along each axis, whatever the plans say.
  package var usesFullKernels = false
  /// Whether the encoder has residual blocks, whose numbers are in the plans.
  package var isResidual = false
  /// Whether training mirrored images, so that predictions may be averaged over mirrored copies.
  package var mirrors = true
  /// If outputs are regions, the labels that they become, in the order of the outputs.
  package var regionsClassOrder: [Int]?

  /// The trainer of a class name; nil for one that is not known.
  ///
  /// Classes that change only loss, optimizer, schedule, sampling or augmentation are plain.
  package init?(named name: String) {
    self.init()
    let original = Self.copies.lazy.compactMap { name.dropping(suffix: $0) }.first ?? name[...]
    if let variant = original.dropping(prefix: Self.regionBase) {
      guard change(with: Self.regions, String(variant)) else { return nil }
      return
    }
    if let variant = original.dropping(prefix: Self.cascadeBase) {
      guard Self.cascades.contains(String(variant)) else { return nil }
      return
    }
    if let variant = original.dropping(prefix: Self.base).map(String.init) {
      let isPlain =
        Self.plain.contains(variant) || Self.families.contains { variant.begins(with: $0) }
      guard isPlain || change(with: Self.networks, variant) else { return nil }
      return
    }
    guard let mirrors = Self.firstVersion[String(original)] else { return nil }
    self.mirrors = mirrors
  }

  private init() {}

  /// The network of the plans with the trainer's changes.
  ///
  /// - Returns: Nil if plans and trainer do not match: one has residual blocks, the other does not.
  package func changed(_ network: UNetConfiguration) -> UNetConfiguration? {
    guard isResidual == (network.residualBlocks != nil) else { return nil }
    var network = network
    network.normalization = normalization
    network.nonlinearity = nonlinearity
    network.normalizesAfterNonlinearity = normalizesAfterNonlinearity
    network.headsHaveBias = headsHaveBias
    network.convolutionsPerStage = convolutionsPerStage ?? network.convolutionsPerStage
    network.baseFeatures = baseFeatures ?? network.baseFeatures
    if usesFullKernels {
      network.kernels = network.kernels.map { $0.map { _ in 3 } }
    }
    return network
  }

  private mutating func change(with table: [String: Change], _ variant: String) -> Bool {
    guard let change = table[variant] else { return false }
    change(&self)
    return true
  }
}

// MARK: - The table

extension V1Trainer {
  private typealias Change = @Sendable (inout V1Trainer) -> Void

  private static let base = "nnUNetTrainerV2"
  private static let cascadeBase = base + "CascadeFullRes"
  private static let regionBase = base + "BraTSRegions"
  private static let copies = (1...4).map { "_copy\($0)" }

  private static let plain: Set<String> = [
    "", "_DP", "_DDP", "_fp16", "_fp32", "_ForceBD", "_ForceSD", "_warmup", "_fullEvals",
    "_2epochs", "_5epochs", "_5epochs_noDS", "_5epochs_CEnoDS", "_2epochs_dummyLoad",
    "_5epochs_dummyLoad", "_5epochs_dummyLoadCEnoDS", "_DDP_5epochs", "_DDP_5epochs_dummyLoad",
    "_cycleAtEnd", "_cycleAtEnd2", "_softDeepSupervision", "_noDeepSupervision",
    "_graduallyTransitionFromCEToDice", "_reduceMomentumDuringTraining", "_DA2", "_DA3", "_DA5",
    "_insaneDA", "_independentScalePerAxis", "_resample33",
  ]
  private static let families = [
    "_Loss_", "_SegLoss_", "_Adam", "_SGD_", "_Ranger_", "_momentum",
  ]

  private static let networks: [String: Change] = [
    "_BN": { $0.normalization = .batch },
    "_DA3_BN": { $0.normalization = .batch },
    "_MMS": { $0.normalization = .batch },
    "_GN": { $0.normalization = .group(count: 8) },
    "_FRN": { $0.normalization = .filterResponse },
    "_NoNormalization": { $0.normalization = .none },
    "_NoNormalization_lr1en3": { $0.normalization = .none },
    "_ReLU": { $0.nonlinearity = .relu },
    "_GeLU": { $0.nonlinearity = .gelu },
    "_Mish": { $0.nonlinearity = .mish },
    "_LReLU_slope_2en1": { $0.nonlinearity = .leakyReLU(slope: 0.2) },
    "_ReLU_biasInSegOutput": {
      $0.nonlinearity = .relu
      $0.headsHaveBias = true
    },
    "_lReLU_biasInSegOutput": { $0.headsHaveBias = true },
    "_ReLU_convReLUIN": {
      $0.nonlinearity = .relu
      $0.normalizesAfterNonlinearity = true
    },
    "_lReLU_convReLUIN": { $0.normalizesAfterNonlinearity = true },
    "_allConv3x3": { $0.usesFullKernels = true },
    "_3ConvPerStage": {
      $0.convolutionsPerStage = 3
      $0.baseFeatures = 24
    },
    "_3ConvPerStageSameFilters": { $0.convolutionsPerStage = 3 },
    "_noMirroring": { $0.mirrors = false },
    "_noDataAugmentation": { $0.mirrors = false },
    "_ResencUNet": { $0.isResidual = true },
    "_ResencUNet_DA3": { $0.isResidual = true },
    "_ResencUNet_SimonsInit": { $0.isResidual = true },
    "_ResencUNet_SimonsInit_DA5": { $0.isResidual = true },
    "_ResencUNet_DA3_BN": {
      $0.isResidual = true
      $0.normalization = .batch
    },
  ]

  /// The whole tumour, the tumour's core and the enhancing tumour.
  private static let tumour: Change = { $0.regionsClassOrder = [1, 2, 3] }
  private static let normalizedTumour: Change = {
    $0.regionsClassOrder = [1, 2, 3]
    $0.normalization = .batch
  }

  private static let regions: [String: Change] = [
    "": tumour, "_DA3": tumour, "_DA3_BD": tumour, "_Dice": tumour, "_DDP": tumour,
    // This class changes only the network.
    "_BN": { $0.normalization = .batch },
    "_DA3_BN": normalizedTumour, "_DA3_BN_BD": normalizedTumour, "_DA4_BN": normalizedTumour,
    "_DA4_BN_BD": normalizedTumour,
  ]

  private static let cascades: Set<String> = [
    "", "_noConnComp", "_smallerBinStrel", "_EducatedGuess", "_EducatedGuess2", "_EducatedGuess3",
    "_lowerLR", "_shorter", "_shorter_lowerLR",
  ]

  /// nnU-Net's first trainers, and whether they mirror.
  private static let firstVersion = [
    "nnUNetTrainer": true, "nnUNetTrainerCE": true, "nnUNetTrainerNoDA": false,
    "nnUNetTrainerCascadeFullRes": true,
  ]
}
