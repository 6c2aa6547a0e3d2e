import HostSystem

extension TrainingRecipe {
  /// The recipe with a trainer's name; the copies 1 to 4 of v1 are the same under another name.
  ///
  /// - Parameters:
  ///   - name: The trainer's name.
  ///   - additional: Recipes that packages have added.
  /// - Throws: ``TrainingError/unknownTrainer(name:known:)`` with the names that are near.
  public static func named(
    _ name: String, or additional: [TrainingRecipe] = []
  ) throws(TrainingError) -> TrainingRecipe {
    let all = all + additional
    let isCopy = ["_copy1", "_copy2", "_copy3", "_copy4"].contains { name.hasSuffix($0) }
    let original = isCopy ? String(name.dropLast(6)) : name
    guard var recipe = all.first(where: { $0.name == original }) else {
      throw .unknownTrainer(name: name, known: namesNear(name, in: all))
    }
    recipe.name = name
    return recipe
  }

  /// The names that a mistyped one may mean, the nearest first.
  private static func namesNear(_ name: String, in all: [TrainingRecipe]) -> [String] {
    let distances = all.map { recipe in
      (recipe.name, editDistance(name.lowercased(), recipe.name.lowercased()))
    }
    return distances.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(5).map(\.0)
  }
}
