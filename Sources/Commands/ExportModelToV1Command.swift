import ArgumentParser
import Foundation
import HostSystem
import ModelExport
import Plans
import TrainedModels

/// `nnUNet_export_model_to_v1`: gives a model to the Python nnU-Net v1.
struct ExportModelToV1Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_export_model_to_v1",
    abstract: "Export a model in the format of the Python nnU-Net v1.",
    discussion: """
      Writes plans.pkl, the checkpoints of all folds (.model, .model.pkl) and postprocessing.json \
      to FOLDER/NETWORK/TASK/TRAINER__PLANS. The Python nnU-Net v1 can predict with the model and \
      continue its training if FOLDER is its RESULTS_FOLDER/nnUNet.

      Example: nnUNet_export_model_to_v1 -t 4 -m 2d -o /data/python-results/nnUNet
      """)

  @OptionGroup var taskOption: TaskOption

  @OptionGroup var network: ConfigurationOption

  @Option(
    name: [.customLong("tr", withSingleDash: true), .customLong("trainer_class_name")],
    help: .init("The trainer; the Python nnU-Net must know it.", valueName: "name"))
  var trainer = DefaultNames.trainer

  @Option(
    name: [.customShort("p"), .customLong("plans_identifier")],
    help: .init("The name of the plans that the model was trained with.", valueName: "name"))
  var plans = DefaultNames.plans

  @Option(
    name: .customLong("chk", withSingleDash: true),
    help: .init("The checkpoint's name without its extension.", valueName: "name"))
  var checkpoint = "model_final_checkpoint"

  @Option(
    name: [.short, .customLong("output_folder")],
    help: .init("The folder to write the model to.", valueName: "folder"))
  var output: String

  func run() throws {
    let configuration = network.value
    let workspace = ProgramEnvironment().workspace
    let task = try workspace.taskName(for: taskOption.name)
    let source = try TrainedModel(
      folder: workspace.modelFolder(
        configuration: configuration, task: task, trainer: trainer, plans: plans),
      configuration: configuration)
    let export = V1ModelExport(
      of: source, task: task, trainer: trainer, plansName: plans, checkpoint: checkpoint)
    let reporter = ConsoleReporter()
    for file in try export.write(to: URL(fileURLWithPath: output), reporter: reporter) {
      reporter.note("wrote \(file.path)")
    }
  }
}
