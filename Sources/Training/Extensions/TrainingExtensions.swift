import Networks
public import TrainedModels

/// What packages add to training, by the names that recipes use.
public struct TrainingExtensions: Sendable {
  /// Networks, preprocessors and normalizations, which prediction also needs.
  public var model = ModelExtensions()
  /// Losses, for terms of the kind `registered`.
  package var losses: [String: RegisteredLoss] = [:]
  /// Optimizers, for `optimizer` of a recipe.
  package var optimizers: [String: RegisteredOptimizer] = [:]
  /// Augmentations, for the list `transforms` of a recipe.
  public var transforms: [String: TransformMaker] = [:]
  /// Trainers.
  package var recipes: [TrainingRecipe] = []

  /// Creates extensions that add nothing.
  public init() {}
}

extension TrainingExtensions {
  /// Checks that everything that a recipe names exists.
  ///
  /// - Throws: ``TrainingError/notRegistered(kind:name:trainer:known:)``.
  func check(_ recipe: TrainingRecipe) throws(TrainingError) {
    func require(
      _ kind: String, _ name: String, in known: [String]
    ) throws(TrainingError) {
      guard !known.contains(name) else { return }
      throw .notRegistered(kind: kind, name: name, trainer: recipe.name, known: known.sorted())
    }
    if let name = recipe.network.registered {
      try require("network", name, in: model.networks.names)
    }
    for name in recipe.transforms { try require("transform", name, in: Array(transforms.keys)) }
    func require(
      _ kind: String, _ name: String, with values: [String: Double]?,
      in known: [String: [String: Double]]
    ) throws(TrainingError) {
      try require(kind, name, in: Array(known.keys))
      for value in (values ?? [:]).keys.sorted() {
        try require(
          "parameter of the \(kind) \(name)", value, in: Array((known[name] ?? [:]).keys))
      }
    }
    for case .registered(let name, let values) in recipe.loss.terms.map(\.kind) {
      try require("loss", name, with: values, in: losses.mapValues(\.parameters))
    }
    if case .registered(let name, let values) = recipe.optimizer {
      try require("optimizer", name, with: values, in: optimizers.mapValues(\.parameters))
    }
  }
}
