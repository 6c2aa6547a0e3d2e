import Foundation
import HostSystem
import Inference
import ModelExchange
import Networks
import Plans
import Training

/// Writes a trained model with all its folds as a model folder of nnU-Net v2.
struct V2ModelExport {
  var model: TrainedModel
  /// The task's name here.
  var task: String
  var plansName: String
  /// The trainer of v2 that goes on with the training.
  var v2Trainer: String
  /// The checkpoint's name without its extension.
  var checkpoint: String
  /// Tells the names of the labels; nil where they are not known.
  var description: DatasetDescription?

  /// Writes the model's files.
  ///
  /// - Returns: Their names below `folder`, the plans last.
  /// - Throws: ``ExchangeError/unknownToV2(model:detail:)`` for models that v2 cannot have.
  func write(to folder: URL, reporter: some HostSystem.ProgressReporting) throws -> [String] {
    var names: [String] = []
    var written: V2Description?
    let checkpoints = try model.allCheckpoints(named: checkpoint, reporter: reporter)
    try model.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: reporter)
    for url in checkpoints {
      let checkpoint = try exported(url)
      written = checkpoint.model
      let fold = url.deletingLastPathComponent().lastPathComponent
      let name =
        "\(place(of: checkpoint.model))/\(fold == "all" ? "fold_all" : fold)/"
        + "\(V2Model.finalCheckpoint).\(V2Model.checkpointExtension)"
      let file = folder.appending(path: name)
      try makeFolder(at: file.deletingLastPathComponent())
      try checkpoint.write(to: file)
      names.append(name)
    }
    guard let written else {
      preconditionFailure("a model has a checkpoint, or an error was thrown")
    }
    if fileExists(model.folder.appending(path: TrainedModel.postprocessingFile)) {
      reporter.warn(
        "The postprocessing is not exported: v2 stores it in another way and finds its own "
          + "(nnUNetv2_determine_postprocessing).")
    }
    let place = place(of: written)
    return names + (try written.write(to: folder.appending(path: place)).map { "\(place)/\($0)" })
  }

  private func place(of description: V2Description) -> String {
    "\(description.dataset)/\(description.folderName(trainer: v2Trainer))"
  }

  private func exported(_ url: URL) throws -> V2Checkpoint {
    guard url.pathExtension == "safetensors" else {
      throw ExchangeError.unknownToV2(
        model: model.folder.path, detail: "it was trained by the Python nnU-Net")
    }
    let fold = url.deletingLastPathComponent().lastPathComponent
    let checkpoint = try TrainingCheckpoint(contentsOf: url)
    let state = checkpoint.state
    var result = V2Checkpoint(
      model: try describe(state), trainer: v2Trainer,
      fold: fold.dropping(prefix: "fold_").flatMap { Int($0) }, weights: checkpoint.weights)
    result.momentum = checkpoint.momentum
    result.mirrorAxes = state.recipe.mirrorAxes
    result.trainingLosses = state.progress.trainingLosses
    result.validationLosses = state.progress.validationLosses
    result.learningRates = state.learningRates
    result.foregroundDice = state.progress.foregroundDice.map { $0 ?? .nan }
    return result
  }

  private func describe(_ state: TrainingCheckpoint.State) throws -> V2Description {
    let regions = state.recipe.regions
    let labels =
      regions?.map { V2Description.Label(name: $0.name, values: $0.labels) }
      ?? model.plans.foregroundLabels.sorted().map {
        V2Description.Label(name: description?.labels[$0] ?? "label_\($0)", values: [$0])
      }
    return try V2Description(
      task: task, plansName: plansName, configuration: model.configuration, plans: model.plans,
      stage: model.stagePlan, architecture: state.network,
      sumsDiceOverBatch: state.recipe.sumsDiceOverBatch
        ?? (model.configuration == .twoD || model.stage > 0),
      labels: labels, regionsClassOrder: regions?.map(\.exportedAs), model: model.folder.path)
  }
}
