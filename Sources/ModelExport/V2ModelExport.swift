import Archives
package import Foundation
package import HostSystem
import ModelExchange
import Networks
package import Plans
package import TrainedModels
import Training

/// Writes a trained model with all its folds as a model folder of nnU-Net v2.
package struct V2ModelExport {
  package var model: TrainedModel
  /// The task's name here.
  package var task: String
  package var plansName: String
  /// The v2 trainer that continues the training.
  package var v2Trainer: String
  /// The checkpoint's name without its extension.
  package var checkpoint: String
  /// Returns the names of the labels; nil if they are not known.
  package var description: DatasetDescription?

  package init(
    of model: TrainedModel, task: String, plansName: String, v2Trainer: String, checkpoint: String
  ) {
    self.model = model
    self.task = task
    self.plansName = plansName
    self.v2Trainer = v2Trainer
    self.checkpoint = checkpoint
  }

  /// Takes the names of the labels from the task's `dataset.json`, prepared or raw.
  package mutating func readDescription(
    in workspace: Workspace, reporter: any Reporter
  ) throws {
    let folders = [try? workspace.preprocessedTask(task), try? workspace.rawTask(task)]
    let files = folders.compactMap { $0?.appending(path: "dataset.json") }
    guard let file = files.first(where: fileExists) else {
      reporter.warn("There is no dataset.json of \(task): its labels are named label_1, label_2, …")
      return
    }
    description = try DatasetDescription.read(from: file)
  }

  /// Writes the model: all of it or nothing.
  ///
  /// - Parameters:
  ///   - target: A folder, or an archive whose name ends in `.zip`.
  ///   - reporter: Receives warnings about what v2 cannot express.
  /// - Returns: What was written: the archive, or the files in the folder, the plans last.
  /// - Throws: ``ExchangeError/unknownToV2(model:detail:)`` for models that v2 cannot represent.
  package func write(
    to target: URL, reporter: any Reporter
  ) throws -> [URL] {
    let isArchive = target.pathExtension == "zip"
    let folder = isArchive ? target.deletingLastPathComponent() : target
    sweepLeftovers(in: folder, reporter: reporter)
    let change = try StagedChange(in: folder, for: "exporting")
    let names = try writeFiles(to: change.folder, reporter: reporter)
    if isArchive {
      try withExtendedLifetime(change) { try pack(names, in: change.folder, into: target) }
      return [target]
    }
    try change.commit(names)
    return names.map { folder.appending(path: $0) }
  }

  private func pack(_ names: [String], in folder: URL, into archive: URL) throws {
    let writer = try ZipWriter(to: archive)
    for name in names {
      try writer.add(
        name, file: folder.appending(path: name),
        compression: name.ends(with: ".pth") ? .stored : .standard)
    }
    try writer.finish()
  }

  /// Writes the model's files.
  ///
  /// - Returns: Their names in `folder`, the plans last.
  private func writeFiles(
    to folder: URL, reporter: any Reporter
  ) throws -> [String] {
    var names: [String] = []
    var written: V2Description?
    let checkpoints = try model.allCheckpoints(named: checkpoint, reporter: reporter)
    try model.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: reporter)
    for url in checkpoints {
      let checkpoint = try exported(url)
      written = checkpoint.model
      let fold = url.deletingLastPathComponent().lastPathComponent
      let name =
        "\(place(of: checkpoint.model))/\(Fold(folderName: fold) == .all ? "fold_all" : fold)/"
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
      fold: Fold(folderName: fold)?.number, weights: checkpoint.weights)
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
