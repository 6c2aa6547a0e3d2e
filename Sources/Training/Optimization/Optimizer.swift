public import Networks
import Torch

/// Updates the weights of a network.
public protocol Optimizer {
  /// Sets what changes from epoch to epoch.
  ///
  /// - Parameters:
  ///   - learningRate: The rate of the schedule.
  ///   - momentum: The momentum of recipes with SGD, otherwise 0.
  mutating func set(learningRate: Double, momentum: Double)

  /// Makes one step with the parameters' gradients; parameters without one do not change.
  mutating func step(_ parameters: ParameterStore) throws

  /// Everything that the next step depends on, for checkpoints; the names are its own.
  func state() throws -> [NamedArray]

  /// Continues from the state of a checkpoint.
  mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws
}

extension StochasticGradientDescent: Optimizer {
  package mutating func set(learningRate: Double, momentum: Double) {
    options.learningRate = learningRate
    options.momentum = momentum
  }
}

extension MomentOptimizer: Optimizer {
  package mutating func set(learningRate: Double, momentum: Double) {
    rule.learningRate = learningRate
  }
}

extension TrainingSetup {
  /// The optimizer that the recipe names, for the first epoch.
  ///
  /// - Precondition: The recipe has been checked, as `TrainingSetup` does.
  func makeOptimizer(of parameters: ParameterStore) -> any Optimizer {
    let rate = recipe.learningRate(epoch: 0, trainingLosses: [])
    switch recipe.optimizer {
    case .sgd(_, let nesterov):
      return StochasticGradientDescent(
        options: SGDOptions(
          learningRate: rate, momentum: recipe.momentum(epoch: 0, is2D: is2D),
          weightDecay: recipe.weightDecay, usesNesterov: nesterov), parameters: parameters)
    case .adam(let amsgrad):
      return MomentOptimizer(
        rule: .adam(
          AdamOptions(learningRate: rate, weightDecay: recipe.weightDecay, keepsLargest: amsgrad)),
        parameters: parameters)
    case .ranger:
      return MomentOptimizer(
        rule: .ranger(RangerOptions(learningRate: rate, weightDecay: recipe.weightDecay)),
        parameters: parameters)
    case .registered(let name, let values):
      guard let optimizer = extensions.optimizers[name] else {
        preconditionFailure("the recipe has been checked")
      }
      return optimizer.make(
        OptimizerContext(
          values: optimizer.parameters.merging(values ?? [:]) { $1 }, learningRate: rate,
          weightDecay: recipe.weightDecay, parameters: parameters))
    }
  }
}
