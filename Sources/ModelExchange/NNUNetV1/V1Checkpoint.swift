import Arrays
package import Foundation
import HostSystem
package import Networks
package import Plans

/// A checkpoint in v1's format: what is needed to predict and to continue the training.
package struct V1Checkpoint: Sendable {
  /// The trainer's class in v1.
  package var trainer: String
  package var plans: ExperimentPlans
  package var configuration: Configuration
  /// The fold's number; nil for the network that is trained on all cases.
  package var fold: Int?
  /// The weights, in the order of v1's parameters.
  package var weights: [NamedArray]
  /// The optimizer's momentum, by parameter; parameters may lack it.
  package var momentum: [NamedArray] = []
  /// Losses of the finished epochs.
  package var trainingLosses: [Double] = []
  package var validationLosses: [Double] = []
  /// The mean foreground Dice of the finished epochs; NaN if no class occurred.
  package var foregroundDice: [Double] = []
  package var bestAverageDice: Double?

  package init(
    trainer: String, plans: ExperimentPlans, configuration: Configuration, fold: Int?,
    weights: [NamedArray]
  ) {
    self.trainer = trainer
    self.plans = plans
    self.configuration = configuration
    self.fold = fold
    self.weights = weights
  }

  /// Writes `url` and the `.model.pkl` next to it.
  package func write(to url: URL) throws {
    let state = weights.enumerated().map { index, array in
      (
        key: PythonValue.string(array.name),
        value: PythonValue.tensor(storage: index, shape: array.array.shape)
      )
    }
    let value = PythonValue.keyed([
      ("epoch", .integer(trainingLosses.count)),
      ("state_dict", .dictionary(state, isOrdered: true)),
      ("optimizer_state_dict", optimizer.value),
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
      value, storages: optimizer.storages, to: url)
    try V1Model.write(description, to: url.appendingPathExtension("pkl"))
  }

  private var optimizer: TorchSGDState { TorchSGDState(weights: weights, momentum: momentum) }

  private var description: PythonValue {
    let stage = configuration.stage(ofStages: plans.stageCount) ?? 0
    // Like v1's get_default_configuration: per-batch Dice except for the only or lowest 3D stage.
    let usesBatchDice = configuration == .twoD || stage > 0
    let fold: PythonValue = fold.map { .integer($0) } ?? .string("all")
    var arguments: [PythonValue] = [
      .string("plans.pkl"), fold, .string(""), .string(""), .boolean(usesBatchDice),
      .integer(stage), .boolean(true), .boolean(false), .boolean(true),
    ]
    // Cascade trainers take the name of the first stage's trainer before `fp16`.
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
  package static func write(_ plans: ExperimentPlans, to url: URL) throws {
    try write(plans.pythonValue, to: url)
  }

  static func write(_ value: PythonValue, to url: URL) throws {
    try AtomicFile.write(PickleWriter.pickle(value), to: url)
  }
}
