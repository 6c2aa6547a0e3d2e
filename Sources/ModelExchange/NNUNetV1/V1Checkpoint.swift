import Arrays
public import Foundation
import HostSystem
public import Networks
public import Plans

/// A checkpoint as v1 stores it: what it predicts with and what it continues to train from.
public struct V1Checkpoint: Sendable {
  /// The trainer's class in v1.
  public var trainer: String
  public var plans: ExperimentPlans
  public var configuration: Configuration
  /// The fold's number; nil for the network that is trained on all cases.
  public var fold: Int?
  /// The weights, in the order of v1's parameters.
  public var weights: [NamedArray]
  /// The optimizer's momentum, by parameter; parameters may lack it.
  public var momentum: [NamedArray] = []
  /// Losses of the finished epochs.
  public var trainingLosses: [Double] = []
  public var validationLosses: [Double] = []
  /// The mean foreground Dice of the finished epochs; NaN where no class occurred.
  public var foregroundDice: [Double] = []
  public var bestAverageDice: Double?

  public init(
    trainer: String, plans: ExperimentPlans, configuration: Configuration, fold: Int?,
    weights: [NamedArray]
  ) {
    self.trainer = trainer
    self.plans = plans
    self.configuration = configuration
    self.fold = fold
    self.weights = weights
  }

  /// Writes `url` and the `.model.pkl` beside it.
  public func write(to url: URL) throws {
    let state = weights.enumerated().map { index, array in
      (
        key: PythonValue.string(array.name),
        value: PythonValue.tensor(storage: index, shape: array.array.shape)
      )
    }
    let value = PythonValue.keyed([
      ("epoch", .integer(trainingLosses.count)),
      ("state_dict", .dictionary(state, isOrdered: true)),
      ("optimizer_state_dict", optimizer),
      ("lr_scheduler_state_dict", .none),
      (
        "plot_stuff",
        .tuple([
          .list(trainingLosses.map { .number($0) }), .list(validationLosses.map { .number($0) }),
          .list([]), .list(foregroundDice.map { .number($0) }),
        ])
      ),
      ("best_stuff", .tuple([.none, .none, bestAverageDice.map { .number($0) } ?? .none])),
    ])
    try TorchFileWriter.write(
      value, storages: weights.map(\.array) + usedMomentum.map(\.array), to: url)
    try V1Model.write(description, to: url.appendingPathExtension("pkl"))
  }

  /// The momentum of parameters that are there.
  private var usedMomentum: [NamedArray] {
    let names = Set(weights.map(\.name))
    return momentum.filter { names.contains($0.name) }
  }

  private var optimizer: PythonValue {
    let positions = Dictionary(
      uniqueKeysWithValues: weights.enumerated().map { ($1.name, $0) })
    var state: [Int: PythonValue] = [:]
    for (index, array) in usedMomentum.enumerated() {
      state[positions[array.name]!] = .keyed([
        ("momentum_buffer", .tensor(storage: weights.count + index, shape: array.array.shape))
      ])
    }
    // The settings of nnUNetTrainerV2; it sets the rate anew before it goes on.
    let group = PythonValue.keyed([
      ("lr", .number(0.01)), ("momentum", .number(0.99)), ("dampening", .integer(0)),
      ("weight_decay", .number(3e-5)), ("nesterov", .boolean(true)),
      ("maximize", .boolean(false)), ("foreach", .none), ("differentiable", .boolean(false)),
      ("fused", .none), ("params", .list(weights.indices.map { .integer($0) })),
    ])
    return .keyed([("state", .numbered(state)), ("param_groups", .list([group]))])
  }

  private var description: PythonValue {
    let stage = configuration.stage(ofStages: plans.stageCount) ?? 0
    // As v1's get_default_configuration: per-batch Dice but for the only or lowest 3D stage.
    let usesBatchDice = configuration == .twoD || stage > 0
    let fold: PythonValue = fold.map { .integer($0) } ?? .string("all")
    var arguments: [PythonValue] = [
      .string("plans.pkl"), fold, .string(""), .string(""), .boolean(usesBatchDice),
      .integer(stage), .boolean(true), .boolean(false), .boolean(true),
    ]
    // Cascade trainers take the name of the trainer before them in front of `fp16`.
    if configuration == .cascade { arguments.insert(.string("nnUNetTrainerV2"), at: 8) }
    return .dictionary(
      [
        (.string("init"), .tuple(arguments)),
        (.string("name"), .string(trainer)),
        (.string("class"), .string("<class '\(trainer)'>")),
        (.string("plans"), plans.pythonValue),
      ], isOrdered: true)
  }
}

extension V1Model {
  /// Writes plans as v1's `plans.pkl`.
  public static func write(_ plans: ExperimentPlans, to url: URL) throws {
    try write(plans.pythonValue, to: url)
  }

  static func write(_ value: PythonValue, to url: URL) throws {
    try AtomicFile.write(PickleWriter.pickle(value), to: url)
  }
}
