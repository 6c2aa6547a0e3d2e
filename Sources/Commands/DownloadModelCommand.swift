import ArgumentParser
import Foundation
import ModelStore
import Plans

/// `nnUNet_download_pretrained_model`: downloads and installs a model from the list.
struct DownloadModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_download_pretrained_model",
    abstract: "Download a pretrained model and install it into RESULTS_FOLDER.",
    discussion: """
      Run the command again to continue an interrupted download. Each archive is compared with its \
      checksum and installed as a whole or not at all; existing models are replaced only with \
      --force. Set NNUNET_MODEL_INDEX to a file or an address to replace the program's own list.

      Example: nnUNet_download_pretrained_model Task004_Hippocampus
      """)

  @Argument(
    help: .init(
      "The model's name, as listed by nnUNet_print_available_pretrained_models.",
      valueName: "task_name"))
  var task: String

  @Flag(name: .customLong("force"), help: "Replace models that already exist.")
  var replaces = false

  func run() throws {
    let environment = ProgramEnvironment()
    let index = try environment.modelIndex()
    let model = try index.model(named: task)
    let reporter = ConsoleReporter()
    reporter.note(
      """
      The use of the model is subject to the licence of the data that it was trained on. Some allow \
      commercial use, others do not:

      \(model.summary)

      """)
    let download = ModelDownload(
      results: try environment.workspace.allResults(), replaces: replaces)
    for folder in try download.install(model, of: index, reporter: reporter) {
      reporter.note("installed \(folder.path)")
    }
  }
}
