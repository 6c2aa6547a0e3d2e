/// What a user changes in a recipe on the command line; nil keeps what is there.
public struct RecipeChanges: Hashable, Sendable {
  public var epochs: Int?
  public var iterationsPerEpoch: Int?
  public var validationIterationsPerEpoch: Int?
  public var batchSize: Int?
  public var epochsPerCheckpoint: Int?
  public var savesFinalAndBest: Bool?

  public init() {}

  /// Changes a recipe.
  public func apply(to recipe: inout TrainingRecipe) {
    recipe.epochs = epochs ?? recipe.epochs
    recipe.iterationsPerEpoch = iterationsPerEpoch ?? recipe.iterationsPerEpoch
    recipe.validationIterationsPerEpoch =
      validationIterationsPerEpoch ?? recipe.validationIterationsPerEpoch
    recipe.batchSize = batchSize ?? recipe.batchSize
    recipe.epochsPerCheckpoint = epochsPerCheckpoint ?? recipe.epochsPerCheckpoint
    recipe.savesFinalAndBest = savesFinalAndBest ?? recipe.savesFinalAndBest
  }
}
