import ArgumentParser
import Foundation
import HostSystem
import Plans
import TaskImport

/// `nnUNet_import_v1_preprocessed`: imports what the Python nnU-Net v1 prepared.
struct ImportV1PreprocessedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_import_v1_preprocessed",
    abstract: "Import cases, plans and splits prepared by the Python nnU-Net v1.",
    discussion: """
      Reads plans, CASE.npz, CASE.pkl and splits_final.pkl of a task and writes them as \
      nnUNet_plan_and_preprocess does, so that training continues with the same cases and folds. \
      The input folder is not changed. Existing files are kept unless --overwrite is given.

      Example: nnUNet_import_v1_preprocessed -i /data/python/nnUNet_preprocessed/Task004_Hippocampus
      """)

  @Option(
    name: [.short, .customLong("input_folder")],
    help: .init(
      "The task's folder in nnUNet_preprocessed of the Python nnU-Net.", valueName: "folder"))
  var input: String

  @Option(
    name: .short,
    help: .init("The task's name here. Default: the folder's name.", valueName: "task"))
  var task: String?

  @Option(
    name: .customLong("tf", withSingleDash: true),
    help: .init("Threads. Default: all processors.", valueName: "threads"))
  var threads: Int?

  @Flag(name: .customLong("overwrite"), help: "Replace existing files.")
  var overwrites = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("-tf must be at least 1.") }
    guard name.begins(with: "Task") else {
      throw ValidationError("\(name) is not a task name; give one with -t, such as Task004_Name.")
    }
  }

  private var name: String { task ?? URL(fileURLWithPath: input).lastPathComponent }

  func run() throws {
    let environment = ProgramEnvironment()
    var taskImport = V1TaskImport(
      source: URL(fileURLWithPath: input),
      target: try environment.workspace.preprocessedTask(name))
    taskImport.overwrites = overwrites
    taskImport.threads = try threads ?? environment.defaultThreadCount
    try taskImport.run(reporter: ConsoleReporter())
  }
}
