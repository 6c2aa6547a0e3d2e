import HostSystem
package import Plans

/// Models that cannot be read, or whose parts do not match.
package enum TrainedModelError: ExplainedError, Equatable {
  case noModel(path: String)
  case noSuchNetwork(plans: String, configuration: Configuration)
  /// A network with more labels than fit into eight bits, or with regions of other labels.
  case impossibleLabels(model: String, outputs: Int)
  /// No fold has the checkpoint; `folders` are the folds that the model has.
  case noFolds(model: String, checkpoint: String, folders: [String])
  case noCheckpoints([String])
  /// Folds that were trained with plans other than the model's current ones.
  case otherPlans(model: String, differences: [OriginDifference])
  /// A postprocessing that was determined with folds that have been retrained since.
  case stalePostprocessing(file: String, folds: [String])

  package var message: String {
    switch self {
    case .noModel(let path): "There is no trained model in \(path)."
    case .noSuchNetwork(let plans, let configuration):
      "The plans \(plans) have no network \(configuration.rawValue)."
    case .impossibleLabels(let model, let outputs):
      "The model in \(model) has \(outputs) outputs, which cannot be written as labels of 0...255."
    case .noFolds(let model, let checkpoint, let folders):
      folders.isEmpty
        ? "\(model) has no fold folders (fold_0, fold_1, …)."
        : "None of \(folders.joined(separator: ", ")) in \(model) has \(checkpoint)."
    case .noCheckpoints(let paths):
      "These checkpoints are missing: \(paths.joined(separator: ", "))."
    case .otherPlans(let model, let differences):
      "Some folds of \(model) do not match its plans:\n"
        + differences.map { "  \($0.text)" }.joined(separator: "\n")
    case .stalePostprocessing(let file, let folds):
      "\(file) was determined before \(folds.joined(separator: ", "))"
        + " \(folds.count == 1 ? "was" : "were") trained again."
    }
  }

  package var hint: String? {
    switch self {
    case .noModel:
      "Check the task, -m, -tr and -p, and that RESULTS_FOLDER is the folder that training used."
    case .noSuchNetwork: "Choose another network with -m; a cascade needs plans with two stages."
    case .impossibleLabels:
      "Train with at most 255 labels, and name the labels of regions within 0...255."
    case .noFolds:
      "Train the model, name another checkpoint with -chk, or use -f all for a model that was "
        + "trained on all cases."
    case .noCheckpoints:
      "Finish their training, or name the folds to use with -f and the checkpoint with -chk."
    case .otherPlans:
      "Put back the plans that the folds were trained with, train the folds again, name others with -f, or "
        + "use --accept-differences to predict anyway."
    case .stalePostprocessing:
      "Determine it again with the current folds: nnUNet_determine_postprocessing, or "
        + "nnUNet_find_best_configuration for ensembles. To apply it anyway, use "
        + "--accept-differences."
    }
  }
}
