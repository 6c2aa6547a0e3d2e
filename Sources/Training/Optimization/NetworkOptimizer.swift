import Networks
import Torch

/// The optimizer that a recipe names.
enum NetworkOptimizer {
  case sgd(StochasticGradientDescent)
  case moments(MomentOptimizer)

  init(_ recipe: TrainingRecipe, is2D: Bool, parameters: ParameterStore) {
    let rate = recipe.learningRate(epoch: 0, trainingLosses: [])
    switch recipe.optimizer {
    case .sgd(_, let nesterov):
      self = .sgd(
        StochasticGradientDescent(
          options: SGDOptions(
            learningRate: rate, momentum: recipe.momentum(epoch: 0, is2D: is2D),
            weightDecay: recipe.weightDecay, usesNesterov: nesterov), parameters: parameters))
    case .adam(let amsgrad):
      self = .moments(
        MomentOptimizer(
          rule: .adam(
            AdamOptions(
              learningRate: rate, weightDecay: recipe.weightDecay, keepsLargest: amsgrad)),
          parameters: parameters))
    case .ranger:
      self = .moments(
        MomentOptimizer(
          rule: .ranger(RangerOptions(learningRate: rate, weightDecay: recipe.weightDecay)),
          parameters: parameters))
    }
  }

  /// Sets what changes from epoch to epoch.
  mutating func set(learningRate: Double, momentum: Double) {
    switch self {
    case .sgd(var optimizer):
      optimizer.options.learningRate = learningRate
      optimizer.options.momentum = momentum
      self = .sgd(optimizer)
    case .moments(var optimizer):
      optimizer.rule.learningRate = learningRate
      self = .moments(optimizer)
    }
  }

  mutating func step(_ parameters: ParameterStore) throws(TorchError) {
    switch self {
    case .sgd(var optimizer):
      try optimizer.step(parameters)
      self = .sgd(optimizer)
    case .moments(var optimizer):
      try optimizer.step(parameters)
      self = .moments(optimizer)
    }
  }

  func state() throws(TorchError) -> [NamedArray] {
    switch self {
    case .sgd(let optimizer): try optimizer.state()
    case .moments(let optimizer): try optimizer.state()
    }
  }

  mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws {
    switch self {
    case .sgd(var optimizer):
      try optimizer.restore(state, parameters: parameters)
      self = .sgd(optimizer)
    case .moments(var optimizer):
      try optimizer.restore(state, parameters: parameters)
      self = .moments(optimizer)
    }
  }
}
