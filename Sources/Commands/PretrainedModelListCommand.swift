import ArgumentParser
import Foundation
import HostSystem
import ModelStore

/// `nnUNet_print_available_pretrained_models`: lists the models that can be downloaded.
struct PretrainedModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_print_available_pretrained_models",
    abstract: "List the models that can be downloaded.",
    discussion: """
      Set NNUNET_MODEL_INDEX to a file or an address to replace the program's own list.

      Example: nnUNet_print_available_pretrained_models
      """)

  @Option(
    help: .init("Also write FOLDER/available_models.json.", valueName: "folder"))
  var export: String?

  func run() throws {
    let index = try ProgramEnvironment().modelIndex()
    Console.print("The following pretrained models are available:\n")
    for model in index.models {
      Console.print("\n\(model.name)\n\(model.summary)")
    }
    if let export {
      let file = URL(fileURLWithPath: export).appending(path: "available_models.json")
      try AtomicFile.write(index.exported(), to: file)
      Console.print("Data successfully exported to \(file.path)")
    }
  }
}
