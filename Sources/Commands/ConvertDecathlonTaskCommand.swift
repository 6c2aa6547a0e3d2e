import ArgumentParser
import Foundation
import HostSystem
import Plans
import Preprocessing

/// `nnUNet_convert_decathlon_task`: turns a Decathlon task into a raw task of nnU-Net.
struct ConvertDecathlonTaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_convert_decathlon_task",
    abstract: "Convert a task of the Medical Segmentation Decathlon.",
    discussion: """
      Splits 4D images into one file per channel and writes the task to \
      nnUNet_raw_data_base/nnUNet_raw_data/TaskXXX_NAME. The input is not changed.

      Example: nnUNet_convert_decathlon_task -i /data/Task04_Hippocampus
      """)

  @Option(
    name: .customShort("i"),
    help: .init("The folder TaskXX_NAME of the task, with its dataset.json.", valueName: "folder"))
  var input: String

  @Option(
    name: .customShort("p"),
    help: .init("Files to convert at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Option(
    name: .customLong("output_task_id", withSingleDash: true),
    help: .init("The id of the converted task. Default: the input's id.", valueName: "id"))
  var outputID: Int?

  @Flag(name: .customLong("overwrite"), help: "Replace a converted task that already exists.")
  var overwrites = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("-p must be at least 1, not \(threads).") }
    if let outputID, !(0...999).contains(outputID) {
      throw ValidationError("-output_task_id must be in 0...999, not \(outputID).")
    }
  }

  func run() throws {
    let environment = ProgramEnvironment()
    let reporter = ConsoleReporter()
    let rawTasks = try environment.workspace.rawTasks()
    let conversion = DecathlonConversion(
      source: URL(fileURLWithPath: input), outputID: outputID, overwrites: overwrites,
      threads: try threads ?? environment.defaultThreadCount)
    let task = try conversion.convert(into: rawTasks, reporter: reporter)
    let name = environment.workspace.shortName(ofTask: task.lastPathComponent)
    ClosingLines(
      "converted to \(task.path)",
      next: "nnUNet_plan_and_preprocess -t \(name) --verify_dataset_integrity"
    ).print(to: reporter, in: environment)
  }
}
