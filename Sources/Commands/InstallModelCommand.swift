import ArgumentParser
import Foundation
import ModelStore
import Plans

/// `nnUNet_install_pretrained_model_from_zip`: installs the models of an archive.
struct InstallModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_install_pretrained_model_from_zip",
    abstract: "Install the models of a zip archive into RESULTS_FOLDER.",
    discussion: """
      Accepts archives that nnU-Net v1 and v2 export. Use models of v2 by the number or name of their \
      dataset: nnUNet_predict -t 4 -m 2d -i IMAGES -o SEGMENTATIONS. \
      An archive is installed completely or not at all: it is refused if it is damaged, would write \
      elsewhere or grows suspiciously when unpacked. Existing models are replaced only with --force.

      Example: nnUNet_install_pretrained_model_from_zip Task004_Hippocampus.zip
      """)

  @Argument(help: .init("The zip archive.", valueName: "zip"))
  var archive: String

  @Flag(name: .customLong("force"), help: "Replace models that already exist.")
  var replaces = false

  func run() throws {
    let reporter = ConsoleReporter()
    let installation = ModelInstallation(
      archive: URL(fileURLWithPath: archive),
      results: try ProgramEnvironment().workspace.allResults(), replaces: replaces)
    for folder in try installation.install(reporter: reporter) {
      reporter.note("installed \(folder.path)")
    }
  }
}
