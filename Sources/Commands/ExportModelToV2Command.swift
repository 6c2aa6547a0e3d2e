import ArgumentParser
import Foundation
import HostSystem
import ModelExport
import Plans
import TrainedModels

/// `nnUNet_export_model_to_v2`: gives a model to the Python nnU-Net v2.
struct ExportModelToV2Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_export_model_to_v2",
    abstract: "Export a model in the format of the Python nnU-Net v2.",
    discussion: """
      Writes plans.json, dataset.json, dataset_fingerprint.json and the checkpoints of all folds \
      (checkpoint_final.pth) to DATASET/TRAINER__PLANS__NETWORK in a folder, or to a zip archive for \
      nnUNetv2_install_pretrained_model_from_zip. The Python nnU-Net v2 can predict with the model \
      and continue its training (--c).

      Only models with v2's network and preprocessing can be exported: plan with \
      -pl3d ExperimentPlanner3D_v21_forV2 -pl2d ExperimentPlanner2D_v21_forV2, and train with \
      nnUNetTrainerV2_PlainConvUNet or nnUNetTrainerV2_ResidualEncoderUNet and -p nnUNetPlans_forV2. \
      For a cascade, nnUNetTrainerV2CascadeFullRes_PlainConvUNet is the trainer of the second network.

      Example: nnUNet_export_model_to_v2 -t 4 -m 3d_fullres -o model.zip
      """)

  @OptionGroup var taskOption: TaskOption

  @OptionGroup var network: ConfigurationOption

  @Option(
    name: [.customLong("tr", withSingleDash: true), .customLong("trainer_class_name")],
    help: .init(
      "The trainer. Default: nnUNetTrainerV2_PlainConvUNet, or its cascade trainer.",
      valueName: "name"))
  var chosenTrainer: String?

  @Option(
    name: [.customShort("p"), .customLong("plans_identifier")],
    help: .init("The name of the plans that the model was trained with.", valueName: "name"))
  var plans = "nnUNetPlans_forV2"

  @Option(
    name: .customLong("chk", withSingleDash: true),
    help: .init("The checkpoint's name without its extension.", valueName: "name"))
  var checkpoint = "model_final_checkpoint"

  @Option(
    name: .customLong("v2-trainer"),
    help: .init("The v2 trainer that continues the training.", valueName: "name"))
  var v2Trainer = "nnUNetTrainer"

  @Option(
    name: [.short, .customLong("output")],
    help: .init(
      "Where to write the model: a folder, or a file whose name ends in .zip.", valueName: "path"))
  var output: String

  func validate() throws {
    for (option, name) in [("--v2-trainer", v2Trainer), ("-p", plans)] where name.holds("__") {
      throw ValidationError("\(option) must not contain two underscores in a row.")
    }
  }

  func run() throws {
    let configuration = network.value
    let workspace = ProgramEnvironment().workspace
    let task = try workspace.taskName(for: taskOption.name)
    let trainer =
      chosenTrainer ?? DefaultNames.trainer(of: configuration) + "_PlainConvUNet"
    let source = try TrainedModel(
      folder: workspace.modelFolder(
        configuration: configuration, task: task, trainer: trainer, plans: plans),
      configuration: configuration)
    let reporter = ConsoleReporter()
    var export = V2ModelExport(
      of: source, task: task, plansName: plans, v2Trainer: v2Trainer, checkpoint: checkpoint)
    try export.readDescription(in: workspace, reporter: reporter)
    for file in try export.write(to: URL(fileURLWithPath: output), reporter: reporter) {
      reporter.note("wrote \(file.path)")
    }
  }
}
