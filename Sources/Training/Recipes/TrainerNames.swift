import Torch

extension TrainingRecipe {
  /// A recipe as a change of another one.
  typealias Change = @Sendable (inout TrainingRecipe) -> Void

  /// All recipes, by the names that users type.
  public static let all: [TrainingRecipe] =
    make("nnUNetTrainerV2", [("", { _ in })]) + make("nnUNetTrainerV2", losses)
    + make("nnUNetTrainerV2", optimizers) + make("nnUNetTrainerV2", augmentations)
    + make("nnUNetTrainerV2", architectures) + make("nnUNetTrainerV2", benchmarks)
    + make("nnUNetTrainerV2", regions) + make("nnUNetTrainerV2CascadeFullRes", cascades)
    + make("nnUNetTrainerV2", parallel) + make("nnUNetTrainerV2", evaluations)
    + make("nnUNetTrainer", firstVersion) + missing

  private static func make(_ base: String, _ changes: [(String, Change)]) -> [TrainingRecipe] {
    changes.map { suffix, change in
      var recipe = TrainingRecipe(name: base + suffix)
      change(&recipe)
      return recipe
    }
  }

  private static let losses: [(String, Change)] = [
    ("_ForceBD", { $0.sumsDiceOverBatch = true }),
    ("_ForceSD", { $0.sumsDiceOverBatch = false }),
    ("_Loss_CE", { $0.loss = .only(.crossEntropy) }),
    (
      "_Loss_CEGDL",
      { $0.loss = .sum(.generalizedDice(smoothing: 1e-5, background: false), .crossEntropy) }
    ),
    ("_Loss_Dice", { $0.loss = .only(.foregroundDice) }),
    ("_Loss_DicewithBG", { $0.loss = .only(.dice(smoothing: 1e-5, background: true)) }),
    (
      "_Loss_DiceCE_noSmooth",
      { $0.loss = .sum(.dice(smoothing: 0, background: false), .crossEntropy) }
    ),
    ("_Loss_DiceTopK10", { $0.loss = .sum(.foregroundDice, .topCrossEntropy(percent: 10)) }),
    (
      "_Loss_Dice_LR1en3",
      {
        $0.loss = .only(.foregroundDice)
        $0.schedule.initialRate = 1e-3
      }
    ),
    (
      "_Loss_DicewithBG_LR1en3",
      {
        $0.loss = .only(.dice(smoothing: 1e-5, background: true))
        $0.schedule.initialRate = 1e-3
      }
    ),
    (
      "_Loss_Dice_squared",
      {
        $0.loss = .only(.squaredDice(smoothing: 1e-5, background: false))
        $0.schedule.initialRate = 1e-3
      }
    ),
    (
      "_Loss_MCC",
      {
        $0.loss = .only(.matthewsCorrelation(background: true))
        $0.schedule.initialRate = 1e-3
      }
    ),
    (
      "_Loss_MCCnoBG",
      {
        $0.loss = .only(.matthewsCorrelation(background: false))
        $0.schedule.initialRate = 1e-3
      }
    ),
    ("_Loss_TopK10", { $0.loss = .only(.topCrossEntropy(percent: 10)) }),
    ("_SegLoss_Focal", { $0.loss = .only(.focal(alpha: 0.5, gamma: 2)) }),
    (
      "_graduallyTransitionFromCEToDice",
      {
        $0.loss = LossRecipe(
          [.init(.foregroundDice, weight: 0), .init(.crossEntropy, weight: 2)],
          transition: .init(from: 500, to: 750, weights: [2, 0]))
      }
    ),
  ]

  private static let optimizers: [(String, Change)] = [
    ("_Adam", { $0.optimizer = .adam(amsgrad: true) }),
    (
      "_Adam_ReduceOnPlateau",
      {
        $0.optimizer = .adam(amsgrad: true)
        $0.schedule = .plateau(initialRate: 3e-4)
      }
    ),
    (
      "_Adam_nnUNetTrainerlr",
      {
        $0.optimizer = .adam(amsgrad: true)
        $0.schedule.initialRate = 3e-4
      }
    ),
    ("_Ranger_lr1en2", { $0.optimizer = .ranger }),
    (
      "_Ranger_lr3en3",
      {
        $0.optimizer = .ranger
        $0.schedule.initialRate = 3e-3
      }
    ),
    (
      "_Ranger_lr3en4",
      {
        $0.optimizer = .ranger
        $0.schedule.initialRate = 3e-4
      }
    ),
    ("_SGD_ReduceOnPlateau", { $0.schedule = .plateau(initialRate: 0.01) }),
    (
      "_SGD_fixedSchedule",
      { $0.schedule.phases = .steps([(0, 1), (500, 0.1), (675, 0.01), (850, 0.001)]) }
    ),
    (
      "_SGD_fixedSchedule2",
      {
        $0.schedule.phases =
          .steps([(0, 1), (500, 0.1)]) + [.init(from: 675, .polynomial(factor: 0.1, exponent: 0.9))]
      }
    ),
    ("_SGD_lr1en1", { $0.schedule.initialRate = 0.1 }),
    ("_SGD_lr1en3", { $0.schedule.initialRate = 1e-3 }),
    ("_cycleAtEnd", { $0.endWithCycle(epochs: 100, highest: 1e-3) }),
    ("_cycleAtEnd2", { $0.endWithCycle(epochs: 200, highest: 1e-2) }),
    ("_fp16", { _ in }),
    ("_fp32", { $0.precision = .float32 }),
    ("_momentum09", { $0.optimizer = .sgd(momentum: 0.9, nesterov: true) }),
    ("_momentum095", { $0.optimizer = .sgd(momentum: 0.95, nesterov: true) }),
    ("_momentum098", { $0.optimizer = .sgd(momentum: 0.98, nesterov: true) }),
    ("_momentum09in2D", { $0.momentumIn2D = 0.9 }),
    (
      "_reduceMomentumDuringTraining",
      { $0.momentumRamp = MomentumRamp(firstEpoch: 800, epochs: 200, end: 0.9) }
    ),
    (
      "_warmup",
      {
        $0.epochs = 1050
        $0.schedule.phases = [
          .init(from: 0, .rising), .init(from: 50, .longPolynomial(exponent: 0.9)),
        ]
      }
    ),
  ]

  private static let augmentations: [(String, Change)] = [
    (
      "_noDataAugmentation",
      {
        $0.augmentation = .none
        $0.mirrorAxes = []
      }
    ),
    ("_noMirroring", { $0.mirrorAxes = [] }),
    ("_independentScalePerAxis", { $0.augmentation = .independentScalePerAxis }),
    ("_DA2", { $0.augmentation = .da2 }),
    ("_DA3", { $0.augmentation = .da3 }),
    (
      "_DA3_BN",
      {
        $0.augmentation = .da3
        $0.network.normalization = .batch
      }
    ),
    ("_DA5", { $0.augmentation = .da5 }),
    ("_insaneDA", { $0.augmentation = .insane }),
    (
      "_MMS",
      {
        $0.augmentation = .mms
        $0.network.normalization = .batch
      }
    ),
  ]
}
