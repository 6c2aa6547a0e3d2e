import Foundation
package import Planning
package import Plans
package import Training

/// The command that most people need after one that has succeeded.
package enum NextCommand {
  /// After a task was prepared: the whole run, or the first fold.
  ///
  /// Nil if only plans were made.
  package static func after(_ preparation: TaskPreparation) -> String? {
    guard preparation.preprocesses else { return nil }
    let name = preparation.workspace.shortName(ofTask: preparation.task)
    let network: Configuration = preparation.planner3D == nil ? .twoD : .fullResolution
    return "nnUNet_run \(name), or one fold: nnUNet_train \(network.rawValue)"
      + " \(DefaultNames.trainer) \(name) 0"
  }

  /// After a fold was trained: the next fold that is not; after the last one, what compares and uses
  /// the model.
  ///
  /// - Parameters:
  ///   - setup: What was trained.
  ///   - trainer: The trainer that the user named, which a recipe file may have changed.
  ///   - recipeFile: The file that changed it.
  ///   - plans: The plans identifier.
  ///   - savesProbabilities: Whether the validation kept its probabilities.
  ///   - workspace: The folders in which tasks have short names.
  /// - Returns: The command with its arguments.
  package static func after(
    _ setup: TrainingSetup, trainer: String, recipeFile: String?, plans: String,
    savesProbabilities: Bool, in workspace: Workspace
  ) -> String {
    let name = workspace.shortName(ofTask: setup.task)
    // Models are named after the recipe.
    let (network, recipe) = (setup.configuration.rawValue, setup.recipe.name)
    let plansOption = plans == DefaultNames.plans ? "" : " -p \(plans)"
    guard case .number = setup.fold else {
      return "nnUNet_predict -i IMAGES -o SEGMENTATIONS -t \(name) -m \(network) -tr \(recipe)"
        + "\(plansOption) -f all"
    }
    let count = setup.splits?.splits.splits.count ?? 5
    let missing = (0..<count).first { !setup.isTrained(fold: $0) }
    if let missing {
      return "nnUNet_train \(network) \(trainer) \(name) \(missing)\(plansOption)"
        + (recipeFile.map { " --recipe \($0)" } ?? "")
        + (savesProbabilities ? " --npz" : "")
    }
    return "nnUNet_find_best_configuration -t \(name) -m \(network)"
      + (recipe == DefaultNames.trainer(of: setup.configuration)
        ? "" : " \(setup.configuration == .cascade ? "-ctr" : "-tr") \(recipe)")
      + (plans == DefaultNames.plans ? "" : " -pl \(plans)")
      + (savesProbabilities ? "" : " --disable_ensembling")
  }
}

extension TrainingSetup {
  /// Whether a fold of this model has its final checkpoint.
  fileprivate func isTrained(fold: Int) -> Bool {
    FoldFolder(modelFolder.appending(path: Fold.number(fold).folderName)).exists(.final)
  }
}
