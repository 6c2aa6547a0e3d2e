import ArgumentParser
import Evaluation
import Foundation
import HostSystem
import Inference
import ModelExchange
import Plans
import Preprocessing
import Training

/// `nnUNet_export_model_to_v1`: gives a model to the Python nnU-Net v1.
struct ExportModelToV1Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_export_model_to_v1",
    abstract: "Write a model as the Python nnU-Net v1 reads it.",
    discussion: """
      Writes plans.pkl, the checkpoints of all folds (.model, .model.pkl) and postprocessing.json \
      into FOLDER/NETWORK/TASK/TRAINER__PLANS. The Python nnU-Net v1 predicts with the model and \
      continues its training when FOLDER is its RESULTS_FOLDER/nnUNet.

      Example: nnUNet_export_model_to_v1 -t 4 -m 2d -o /data/python-results/nnUNet
      """)

  @OptionGroup var chosen: ModelOptions

  @Option(
    name: [.customLong("tr", withSingleDash: true), .customLong("trainer_class_name")],
    help: .init("The trainer; the Python nnU-Net must know it.", valueName: "name"))
  var trainer = DefaultNames.trainer

  @Option(
    name: .customLong("chk", withSingleDash: true),
    help: .init("The checkpoint's name without its extension.", valueName: "name"))
  var checkpoint = "model_final_checkpoint"

  @Option(
    name: [.short, .customLong("output_folder")],
    help: .init("Receives the model.", valueName: "folder"))
  var output: String

  func validate() throws {
    guard Plans.Configuration(rawValue: chosen.model) != nil else {
      throw ValidationError("-m must be 2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres.")
    }
  }

  func run() throws {
    guard let configuration = Plans.Configuration(rawValue: chosen.model) else {
      preconditionFailure("-m is checked when arguments are parsed")
    }
    let workspace = ProgramEnvironment().workspace
    let task = try workspace.taskName(for: chosen.task)
    let source = try TrainedModel(
      folder: workspace.modelFolder(
        configuration: configuration, task: task, trainer: trainer, plans: chosen.plans),
      configuration: configuration)
    let folder = URL(fileURLWithPath: output)
    let target = folder.appending(path: chosen.model).appending(path: task)
      .appending(path: "\(trainer)__\(chosen.plans)")
    let reporter = ConsoleReporter()
    sweepLeftovers(in: folder, reporter: reporter)
    // A checkpoint that cannot be exported must not leave a part of a model.
    let change = try StagedChange(in: folder, for: "exporting")
    let place = "\(chosen.model)/\(task)/\(trainer)__\(chosen.plans)"
    let files = try write(
      source, as: configuration, to: change.folder.appending(path: place), reporter: reporter)
    try change.commit(files.map { "\(place)/\($0)" })
    for file in files { reporter.note("wrote \(target.appending(path: file).path)") }
  }

  /// Writes the model's files.
  ///
  /// - Returns: Their names below `folder`, the plans last.
  private func write(
    _ source: TrainedModel, as configuration: Plans.Configuration, to folder: URL,
    reporter: ConsoleReporter
  ) throws -> [String] {
    var names: [String] = []
    let checkpoints = try source.allCheckpoints(named: checkpoint, reporter: reporter)
    try source.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: reporter)
    let postprocessing = try source.postprocessing(
      for: checkpoints, acceptsDifferences: true, reporter: reporter)
    for url in checkpoints {
      let fold = url.deletingLastPathComponent().lastPathComponent
      try makeFolder(at: folder.appending(path: fold))
      let name = "\(fold)/\(checkpoint).\(V1Model.checkpointExtension)"
      try exported(url, of: source, as: configuration).write(to: folder.appending(path: name))
      names += [name + ".pkl", name]
    }
    if let postprocessing {
      try JSONFile.write(
        postprocessing.withoutFoldMarks, to: folder.appending(path: TrainedModel.postprocessingFile)
      )
      names.append(TrainedModel.postprocessingFile)
    }
    try V1Model.write(source.plans, to: folder.appending(path: V1Model.plansFile))
    return names + [V1Model.plansFile]
  }

  private func exported(
    _ url: URL, of source: TrainedModel, as configuration: Plans.Configuration
  ) throws -> V1Checkpoint {
    let fold = url.deletingLastPathComponent().lastPathComponent
    let checkpoint = try TrainingCheckpoint(contentsOf: url)
    try V1Model.check(
      plans: source.plans, network: checkpoint.state.network,
      preprocessors: PreprocessingRule.namesOfNNUNet, model: source.folder.path)
    var result = V1Checkpoint(
      trainer: trainer, plans: source.plans, configuration: configuration,
      fold: fold.dropping(prefix: "fold_").flatMap { Int($0) }, weights: checkpoint.weights)
    let progress = checkpoint.state.progress
    result.momentum = checkpoint.momentum
    result.trainingLosses = progress.trainingLosses
    result.validationLosses = progress.validationLosses
    result.foregroundDice = progress.foregroundDice.map { $0 ?? .nan }
    result.bestAverageDice = progress.bestAverageDice
    return result
  }
}
