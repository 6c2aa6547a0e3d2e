import ArgumentParser
import Foundation
import ModelExport
import Plans
import TrainedModels
import Training

/// `nnUNet_export_network`: writes the networks of a model for other programs.
struct ExportNetworkCommand: ExtensibleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_export_network",
    abstract: "Export a model's networks for other programs, with a description.",
    discussion: """
      Writes one file for each fold, TorchScript (for torch.jit.load) or safetensors, and \
      model.json, which describes how to preprocess images, how to average tiles and what the \
      outputs mean. Plans and postprocessing are included. Models of v1 and v2 can be exported, too.

      Example: nnUNet_export_network -t 4 -m 3d_fullres -f torchscript -o exported
      """)

  @OptionGroup var chosen: ModelOptions

  @OptionGroup var trainer: TrainerOption

  @Option(
    name: .customLong("chk", withSingleDash: true),
    help: .init("The checkpoint's name without its extension.", valueName: "name"))
  var checkpoint = "model_final_checkpoint"

  @Option(
    name: [.short, .customLong("format")],
    help: .init("The format of the files.", valueName: "format"))
  var format = NetworkExport.Format.torchscript

  @Option(
    name: [.short, .customLong("output_folder")],
    help: .init("The folder to write the files to.", valueName: "folder"))
  var output: String

  func run(with extensions: Extensions) throws {
    let configuration = Plans.Configuration(rawValue: chosen.model)
    let folder = try ModelLookup(
      workspace: ProgramEnvironment().workspace, task: chosen.task, network: chosen.model,
      trainer: trainer.name(for: configuration), plans: chosen.plans
    ).folder()
    var export = NetworkExport(
      of: try TrainedModel(
        folder: folder, configuration: configuration ?? .fullResolution,
        extensions: extensions.training.model), as: format)
    export.checkpoint = checkpoint
    let reporter = ConsoleReporter()
    for file in try export.write(to: URL(fileURLWithPath: output), reporter: reporter) {
      reporter.note("wrote \(file.path)")
    }
  }
}
