import Arrays
package import Foundation
package import Networks
import Plans

/// A checkpoint in nnU-Net v2's format: what is needed to predict and to continue the training.
package struct V2Checkpoint: Sendable {
  package var model: V2Description
  /// The trainer's class in v2.
  package var trainer: String
  /// The fold's number; nil for the network that is trained on all cases.
  package var fold: Int?
  /// The weights, in the order of v2's parameters.
  package var weights: [NamedArray]
  /// The optimizer's momentum, by parameter; parameters may lack it.
  package var momentum: [NamedArray] = []
  /// The axes that training mirrored; nil for all.
  package var mirrorAxes: [Int]?
  /// Losses and rates of the finished epochs.
  package var trainingLosses: [Double] = []
  package var validationLosses: [Double] = []
  package var learningRates: [Double] = []
  /// The mean foreground Dice of the finished epochs; NaN if no class occurred.
  package var foregroundDice: [Double] = []

  package init(model: V2Description, trainer: String, fold: Int?, weights: [NamedArray]) {
    self.model = model
    self.trainer = trainer
    self.fold = fold
    self.weights = weights
  }

  /// Writes the checkpoint.
  package func write(to url: URL) throws {
    let averages = averageDice
    let value = PythonValue.keyed([
      ("network_weights", networkWeights), ("optimizer_state", optimizer.value),
      ("grad_scaler_state", .none), ("logging", logging(averages)),
      ("_best_ema", averages.max().map { .number($0) } ?? .none),
      ("current_epoch", .integer(trainingLosses.count)),
      (
        "init_args",
        .keyed([
          ("plans", model.plansValue), ("configuration", .string(model.configuration.rawValue)),
          ("fold", fold.map { .integer($0) } ?? .string("all")),
          ("dataset_json", model.datasetValue), ("device", .device("cpu")),
        ])
      ),
      ("trainer_name", .string(trainer)), ("inference_allowed_mirroring_axes", mirrorAxesValue),
    ])
    try TorchFileWriter.write(
      value, storages: optimizer.storages, to: url)
  }

  private var mirrorAxesValue: PythonValue {
    let axes = mirrorAxes ?? Array(0..<model.network.spatialRank)
    return axes.isEmpty ? .none : .tuple(axes.map { .integer($0) })
  }

  /// Every weight under all names that v2 has for it.
  private var networkWeights: PythonValue {
    let positions = Dictionary(
      weights.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let names = V2StateNames(parameters: weights.map(\.name)).all
    return .dictionary(
      names.map { name, parameter in
        let position = positions[parameter]!  // lint: the names are made of the weights
        return (
          .string(name), .tensor(storage: position, shape: weights[position].array.shape)
        )
      }, isOrdered: true)
  }

  private var optimizer: TorchSGDState {
    TorchSGDState(
      weights: weights, momentum: momentum, learningRate: learningRates.last ?? 0.01)
  }
}

// MARK: - Curves

extension V2Checkpoint {
  /// The moving average of the Dice as v2 computes it, except for epochs without Dice, which it
  /// skips.
  private var averageDice: [Double] {
    var averages: [Double] = []
    for dice in foregroundDice {
      guard let last = averages.last else {
        averages.append(dice.isNaN ? 0 : dice)
        continue
      }
      averages.append(dice.isNaN ? last : 0.9 * last + 0.1 * dice)
    }
    return averages
  }

  /// One value for each epoch; those that our checkpoints do not store are empty (Dice of each
  /// class) or 0 (the times when epochs began and ended).
  private func logging(_ averages: [Double]) -> PythonValue {
    func numbers(_ values: [Double]) -> PythonValue { .list(values.map { .number($0) }) }
    let times = numbers(trainingLosses.map { _ in 0 })
    return .keyed([
      ("mean_fg_dice", numbers(foregroundDice)), ("ema_fg_dice", numbers(averages)),
      ("dice_per_class_or_region", .list(trainingLosses.map { _ in .list([]) })),
      ("train_losses", numbers(trainingLosses)), ("val_losses", numbers(validationLosses)),
      ("lrs", numbers(learningRates)), ("epoch_start_timestamps", times),
      ("epoch_end_timestamps", times),
    ])
  }
}
