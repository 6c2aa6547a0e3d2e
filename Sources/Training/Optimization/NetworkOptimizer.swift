import Networks
import Torch

/// The optimizer that a recipe names.
enum NetworkOptimizer {
  case sgd(StochasticGradientDescent)
  case adam(AdamOptimizer)

  /// - Throws: ``TrainingError/unavailable(trainer:feature:)`` for Ranger.
  init(_ recipe: TrainingRecipe, is2D: Bool, parameters: ParameterStore) throws(TrainingError) {
    let rate = recipe.learningRate(epoch: 0, trainingLosses: [])
    switch recipe.optimizer {
    case .sgd(_, let nesterov):
      self = .sgd(
        StochasticGradientDescent(
          options: SGDOptions(
            learningRate: rate, momentum: recipe.momentum(epoch: 0, is2D: is2D),
            weightDecay: recipe.weightDecay, usesNesterov: nesterov), parameters: parameters))
    case .adam(let amsgrad):
      self = .adam(
        AdamOptimizer(
          options: AdamOptions(
            learningRate: rate, weightDecay: recipe.weightDecay, keepsLargest: amsgrad),
          parameters: parameters))
    case .ranger:
      throw .unavailable(trainer: recipe.name, feature: "the optimizer Ranger")
    }
  }

  /// Sets what changes from epoch to epoch.
  mutating func set(learningRate: Double, momentum: Double) {
    switch self {
    case .sgd(var optimizer):
      optimizer.options.learningRate = learningRate
      optimizer.options.momentum = momentum
      self = .sgd(optimizer)
    case .adam(var optimizer):
      optimizer.options.learningRate = learningRate
      self = .adam(optimizer)
    }
  }

  mutating func step(_ parameters: ParameterStore) throws(TorchError) {
    switch self {
    case .sgd(var optimizer):
      try optimizer.step(parameters)
      self = .sgd(optimizer)
    case .adam(var optimizer):
      try optimizer.step(parameters)
      self = .adam(optimizer)
    }
  }

  func state() throws(TorchError) -> [NamedArray] {
    switch self {
    case .sgd(let optimizer): try optimizer.state()
    case .adam(let optimizer): try optimizer.state()
    }
  }

  mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws {
    switch self {
    case .sgd(var optimizer):
      try optimizer.restore(state, parameters: parameters)
      self = .sgd(optimizer)
    case .adam(var optimizer):
      try optimizer.restore(state, parameters: parameters)
      self = .adam(optimizer)
    }
  }
}
