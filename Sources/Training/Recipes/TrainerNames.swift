import Torch

extension TrainingRecipe {
  /// A change that turns one recipe into another.
  typealias Change = @Sendable (inout TrainingRecipe) -> Void
  /// Recipes by the endings of their names.
  typealias Table = [(suffix: String, changes: [Change])]

  /// All recipes, by the names that users type.
  public static let all: [TrainingRecipe] =
    make("nnUNetTrainerV2", [("", [])] + losses + optimizers + augmentations)
    + make("nnUNetTrainerV2", architectures + benchmarks + evaluations + parallel + regions)
    + make("nnUNetTrainerV2CascadeFullRes", cascades)
    + make("nnUNetTrainer", firstVersion) + missing

  static func make(_ base: String, _ table: Table) -> [TrainingRecipe] {
    table.map { suffix, changes in
      var recipe = TrainingRecipe(name: base + suffix)
      for change in changes { change(&recipe) }
      return recipe
    }
  }

  /// Known by name, so that they can be refused with a reason.
  private static let missing = missingFeatures.keys.sorted().map { TrainingRecipe(name: $0) }

  /// The change of one property.
  static func set<Value: Sendable>(
    _ property: any WritableKeyPath<TrainingRecipe, Value> & Sendable, _ value: Value
  ) -> Change {
    { $0[keyPath: property] = value }
  }

  static func rate(_ rate: Double) -> Change { set(\.schedule.initialRate, rate) }

  static let losses: Table = [
    ("_ForceBD", [set(\.sumsDiceOverBatch, true)]),
    ("_ForceSD", [set(\.sumsDiceOverBatch, false)]),
    ("_Loss_CE", [set(\.loss, .only(.crossEntropy))]),
    (
      "_Loss_CEGDL",
      [set(\.loss, .sum(.generalizedDice(smoothing: 1e-5, background: false), .crossEntropy))]
    ),
    ("_Loss_Dice", [set(\.loss, .only(.foregroundDice))]),
    ("_Loss_DicewithBG", [set(\.loss, .only(.diceOfAll))]),
    (
      "_Loss_DiceCE_noSmooth",
      [set(\.loss, .sum(.dice(smoothing: 0, background: false), .crossEntropy))]
    ),
    ("_Loss_DiceTopK10", [set(\.loss, .sum(.foregroundDice, .topCrossEntropy(percent: 10)))]),
    ("_Loss_Dice_LR1en3", [set(\.loss, .only(.foregroundDice)), rate(1e-3)]),
    ("_Loss_DicewithBG_LR1en3", [set(\.loss, .only(.diceOfAll)), rate(1e-3)]),
    (
      "_Loss_Dice_squared",
      [set(\.loss, .only(.squaredDice(smoothing: 1e-5, background: false))), rate(1e-3)]
    ),
    ("_Loss_MCC", [set(\.loss, .only(.matthewsCorrelation(background: true))), rate(1e-3)]),
    ("_Loss_MCCnoBG", [set(\.loss, .only(.matthewsCorrelation(background: false))), rate(1e-3)]),
    ("_Loss_TopK10", [set(\.loss, .only(.topCrossEntropy(percent: 10)))]),
    ("_SegLoss_Focal", [set(\.loss, .only(.focal(alpha: 0.5, gamma: 2)))]),
    (
      "_graduallyTransitionFromCEToDice",
      [
        set(
          \.loss,
          LossRecipe(
            [.init(.foregroundDice, weight: 0), .init(.crossEntropy, weight: 2)],
            transition: .init(from: 500, to: 750, weights: [2, 0])))
      ]
    ),
  ]

  private static let amsgrad = set(\.optimizer, .adam(amsgrad: true))
  private static func momentum(_ momentum: Double) -> Change {
    set(\.optimizer, .sgd(momentum: momentum, nesterov: true))
  }

  static let optimizers: Table = [
    ("_Adam", [amsgrad]),
    ("_Adam_ReduceOnPlateau", [amsgrad, set(\.schedule, .plateau(initialRate: 3e-4))]),
    ("_Adam_nnUNetTrainerlr", [amsgrad, rate(3e-4)]),
    ("_Ranger_lr1en2", [set(\.optimizer, .ranger)]),
    ("_Ranger_lr3en3", [set(\.optimizer, .ranger), rate(3e-3)]),
    ("_Ranger_lr3en4", [set(\.optimizer, .ranger), rate(3e-4)]),
    ("_SGD_ReduceOnPlateau", [set(\.schedule, .plateau(initialRate: 0.01))]),
    (
      "_SGD_fixedSchedule",
      [set(\.schedule.phases, .steps([(0, 1), (500, 0.1), (675, 0.01), (850, 0.001)]))]
    ),
    (
      "_SGD_fixedSchedule2",
      [
        set(
          \.schedule.phases,
          .steps([(0, 1), (500, 0.1)])
            + [.init(from: 675, .polynomial(factor: 0.1, exponent: 0.9))])
      ]
    ),
    ("_SGD_lr1en1", [rate(0.1)]),
    ("_SGD_lr1en3", [rate(1e-3)]),
    ("_cycleAtEnd", [cycleAtEnd(epochs: 100, highest: 1e-3)]),
    ("_cycleAtEnd2", [cycleAtEnd(epochs: 200, highest: 1e-2)]),
    ("_fp16", []),
    ("_fp32", [set(\.precision, .float32)]),
    ("_momentum09", [momentum(0.9)]),
    ("_momentum095", [momentum(0.95)]),
    ("_momentum098", [momentum(0.98)]),
    ("_momentum09in2D", [set(\.momentumIn2D, 0.9)]),
    (
      "_reduceMomentumDuringTraining",
      [set(\.momentumRamp, MomentumRamp(firstEpoch: 800, epochs: 200, end: 0.9))]
    ),
    (
      "_warmup",
      [
        set(\.epochs, 1050),
        set(
          \.schedule.phases,
          [.init(from: 0, .rising), .init(from: 50, .longPolynomial(exponent: 0.9))]),
      ]
    ),
  ]

  private static func cycleAtEnd(epochs length: Int, highest: Double) -> Change {
    {
      $0.epochs = 1000 + length
      $0.schedule.phases.append(
        .init(from: 1000, .cycle(epochs: length, lowest: 1e-6, highest: highest)))
    }
  }
}

extension LossRecipe {
  static func only(_ kind: Kind) -> LossRecipe { LossRecipe([Term(kind)]) }
  static func sum(_ kinds: Kind...) -> LossRecipe { LossRecipe(kinds.map { Term($0) }) }
}

extension LossRecipe.Kind {
  /// nnU-Net's Dice term.
  static let foregroundDice = LossRecipe.Kind.dice(smoothing: 1e-5, background: false)
  /// The same with the background as one of the classes.
  static let diceOfAll = LossRecipe.Kind.dice(smoothing: 1e-5, background: true)
}

extension LearningRateSchedule {
  /// A constant rate that is lowered when the loss no longer falls.
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
