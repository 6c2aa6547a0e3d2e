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
    let typed = Array(name.lowercased())
    let distances = all.map { recipe in
      let known = Array(recipe.name.lowercased())
      return (recipe.name, editDistance(typed, known))
    }
    return distances.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(5).map(\.0)
  }
}

/// The number of letters to insert, delete or replace to get from one word to another.
private func editDistance(_ first: [Character], _ second: [Character]) -> Int {
  var row = Array(0...second.count)
  for (line, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for column in second.indices {
      let replaced = diagonal + (letter == second[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
    }
  }
  return row[second.count]
}
