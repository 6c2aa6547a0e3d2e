/// What a user changes in a recipe on the command line; nil for no change.
package struct RecipeChanges: Hashable, Sendable {
  package var epochs: Int?
  package var iterationsPerEpoch: Int?
  package var validationIterationsPerEpoch: Int?
  package var batchSize: Int?
  package var epochsPerCheckpoint: Int?
  package var savesFinalAndBest: Bool?

  package init() {}

  /// Changes a recipe.
  package func apply(to recipe: inout TrainingRecipe) {
    recipe.epochs = epochs ?? recipe.epochs
    recipe.iterationsPerEpoch = iterationsPerEpoch ?? recipe.iterationsPerEpoch
    recipe.validationIterationsPerEpoch =
      validationIterationsPerEpoch ?? recipe.validationIterationsPerEpoch
    recipe.batchSize = batchSize ?? recipe.batchSize
    recipe.epochsPerCheckpoint = epochsPerCheckpoint ?? recipe.epochsPerCheckpoint
    recipe.savesFinalAndBest = savesFinalAndBest ?? recipe.savesFinalAndBest
  }
}
