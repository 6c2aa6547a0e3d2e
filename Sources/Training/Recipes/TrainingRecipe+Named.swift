import HostSystem
public import Plans

extension TrainingRecipe {
  /// Finds the recipe of a trainer; v1's copies 1 to 4 are the same under another name.
  ///
  /// - Parameters:
  ///   - name: The trainer's name, possibly with `_copy1` to `_copy4` at its end.
  ///   - additional: Recipes that packages added.
  /// - Returns: The recipe, whose name is `name`.
  /// - Throws: ``TrainingError/unknownTrainer(name:known:)`` with similar names.
  public static func named(
    _ name: String, or additional: [TrainingRecipe] = []
  ) throws(TrainingError) -> TrainingRecipe {
    let all = all + additional
    let copies = ["_copy1", "_copy2", "_copy3", "_copy4"]
    let original = String(copies.lazy.compactMap { name.dropping(suffix: $0) }.first ?? name[...])
    guard var recipe = all.first(where: { $0.name == original }) else {
      throw .unknownTrainer(name: name, known: namesNear(name, in: all))
    }
    recipe.name = name
    return recipe
  }

  /// Checks that a trainer of nnU-Net can train the second network of a cascade, if it should.
  ///
  /// Source: nnU-Net v1, `get_default_configuration`, which requires a class derived from
  /// `nnUNetTrainerV2CascadeFullRes`. Trainers of packages may train any network.
  ///
  /// - Throws: ``TrainingError/notForCascades(trainer:meant:)`` naming the intended one.
  public func check(for configuration: Configuration) throws(TrainingError) {
    let original = Self.all.filter {
      name == $0.name || name.utf8.starts(with: ($0.name + "_copy").utf8)
    }
    guard configuration == .cascade, !original.isEmpty, !Self.isForCascades(name) else { return }
    let (first, second) = ("nnUNetTrainer", "nnUNetTrainerV2")
    let suffix = name.dropFirst(second.count)
    let own = second + "CascadeFullRes" + suffix
    let meant =
      name == first
      ? first + "CascadeFullRes"
      : name.utf8.starts(with: second.utf8) && Self.all.contains { $0.name == own }
        ? own : DefaultNames.cascadeTrainer
    throw .notForCascades(trainer: name, meant: meant)
  }

  private static func isForCascades(_ name: String) -> Bool {
    ["nnUNetTrainerV2CascadeFullRes", "nnUNetTrainerCascadeFullRes"]
      .contains { name.utf8.starts(with: $0.utf8) }
  }

  /// The names that a mistyped one may mean, the nearest first.
  private static func namesNear(_ name: String, in all: [TrainingRecipe]) -> [String] {
    let distances = all.map { recipe in
      (recipe.name, editDistance(name.lowercased(), recipe.name.lowercased()))
    }
    return distances.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(5).map(\.0)
  }
}
