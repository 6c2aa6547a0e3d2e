import Evaluation
package import Foundation
package import HostSystem
import JSON
import ModelExchange
import Plans
import Preprocessing
package import TrainedModels
import Training

/// Writes a trained model with all its folds in the format of the Python nnU-Net v1.
package struct V1ModelExport {
  package var model: TrainedModel
  /// The task's full name.
  package var task: String
  /// The trainer; the Python nnU-Net must know it.
  package var trainer: String
  package var plansName: String
  /// The checkpoint's name without its extension.
  package var checkpoint: String

  package init(
    of model: TrainedModel, task: String, trainer: String, plansName: String, checkpoint: String
  ) {
    self.model = model
    self.task = task
    self.trainer = trainer
    self.plansName = plansName
    self.checkpoint = checkpoint
  }

  /// Writes the model to `NETWORK/TASK/TRAINER__PLANS` in a folder: all of it or nothing.
  ///
  /// - Returns: The files, the plans last.
  /// - Throws: `TrainedModelError`, `ExchangeError` for models that v1 cannot represent, or
  ///   `FileError`.
  package func write(
    to folder: URL, reporter: any Reporter
  ) throws -> [URL] {
    sweepLeftovers(in: folder, reporter: reporter)
    let change = try StagedChange(in: folder, for: "exporting")
    let place = "\(model.configuration.rawValue)/\(task)/\(trainer)__\(plansName)"
    let names = try writeFiles(to: change.folder.appending(path: place), reporter: reporter)
      .map { "\(place)/\($0)" }
    try change.commit(names)
    return names.map { folder.appending(path: $0) }
  }

  private func writeFiles(
    to folder: URL, reporter: any Reporter
  ) throws -> [String] {
    var names: [String] = []
    let checkpoints = try model.allCheckpoints(named: checkpoint, reporter: reporter)
    try model.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: reporter)
    let postprocessing = try model.postprocessing(
      for: checkpoints, acceptsDifferences: true, reporter: reporter)
    for url in checkpoints {
      let fold = url.deletingLastPathComponent().lastPathComponent
      try makeFolder(at: folder.appending(path: fold))
      let name = "\(fold)/\(checkpoint).\(V1Model.checkpointExtension)"
      try exported(url).write(to: folder.appending(path: name))
      names += [name + ".pkl", name]
    }
    if let postprocessing {
      try JSONFile.write(
        postprocessing.withoutFoldMarks, to: folder.appending(path: TrainedModel.postprocessingFile)
      )
      names.append(TrainedModel.postprocessingFile)
    }
    try V1Model.write(model.plans, to: folder.appending(path: V1Model.plansFile))
    return names + [V1Model.plansFile]
  }

  private func exported(_ url: URL) throws -> V1Checkpoint {
    let fold = url.deletingLastPathComponent().lastPathComponent
    let checkpoint = try TrainingCheckpoint(contentsOf: url)
    try V1Model.check(
      plans: model.plans, network: checkpoint.state.network,
      preprocessors: PreprocessingRule.namesOfNNUNet, model: model.folder.path)
    var result = V1Checkpoint(
      trainer: trainer, plans: model.plans, configuration: model.configuration,
      fold: Fold(folderName: fold)?.number, weights: checkpoint.weights)
    let progress = checkpoint.state.progress
    result.momentum = checkpoint.momentum
    result.trainingLosses = progress.trainingLosses
    result.validationLosses = progress.validationLosses
    result.foregroundDice = progress.foregroundDice.map { $0 ?? .nan }
    result.bestAverageDice = progress.bestAverageDice
    return result
  }
}
