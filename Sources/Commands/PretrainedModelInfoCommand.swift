import ArgumentParser
import ModelStore

/// `nnUNet_print_pretrained_model_info`: describes a model's inputs and labels.
struct PretrainedModelInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_print_pretrained_model_info",
    abstract: "Describe a pretrained model: its inputs, labels and licence.",
    discussion: """
      Example: nnUNet_print_pretrained_model_info Task004_Hippocampus
      """)

  @Argument(help: .init("The model's name.", valueName: "task_name"))
  var task: String

  func run() throws {
    let index = try ProgramEnvironment().modelIndex()
    let model = try index.model(named: task)
    Console.print(model.summary)
    for file in model.files {
      Console.print("Archive: \(index.addresses(of: file).joined(separator: " or "))")
    }
  }
}
