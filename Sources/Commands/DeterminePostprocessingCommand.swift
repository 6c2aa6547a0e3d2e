import ArgumentParser
import Evaluation
import Foundation
import HostSystem
import ModelSelection
import Plans

/// `nnUNet_determine_postprocessing`: decides which components to remove from a model's
/// predictions.
struct DeterminePostprocessingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_determine_postprocessing",
    abstract: "Decide from the cross-validation which components to remove.",
    discussion: """
      Collects the validation predictions of all folds in cv_niftis_raw, tries keeping only the \
      largest component of the foreground and of each label, and writes postprocessing.json to \
      the model's folder. nnUNet_predict applies it.

      Example: nnUNet_determine_postprocessing -t 4 -m 3d_fullres
      """)

  @Option(
    name: .customShort("m"),
    help: .init("2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres.", valueName: "network"))
  var model: String

  @Option(name: .customShort("t"), help: .init("The task's name or id.", valueName: "task"))
  var task: String

  @Option(
    name: .customLong("tr", withSingleDash: true),
    help: .init(
      "The trainer. Default: nnUNetTrainerV2, or nnUNetTrainerV2CascadeFullRes for the cascade.",
      valueName: "name"))
  var trainer: String?

  @Option(
    name: .customLong("pl", withSingleDash: true),
    help: .init("The plans identifier.", valueName: "name"))
  var plans = DefaultNames.plans

  @Option(
    name: .customLong("val", withSingleDash: true),
    help: .init("The name of the folder with predictions in each fold's folder.", valueName: "name")
  )
  var validationFolder = DefaultNames.validationFolder

  @Option(
    name: [.customShort("f"), .customLong("folds")], parsing: .upToNextOption,
    help: .init("The folds. Default: 0 1 2 3 4.", valueName: "fold"))
  var folds: [Int] = [0, 1, 2, 3, 4]

  @OptionGroup var origins: FoldOriginOptions

  @Option(help: .init("Cases to process at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard Plans.Configuration(rawValue: model) != nil else {
      throw ValidationError("-m must be 2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres.")
    }
    guard !folds.isEmpty, folds.allSatisfy({ $0 >= 0 }) else {
      throw ValidationError("-f takes fold numbers from 0.")
    }
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    guard let network = Plans.Configuration(rawValue: model) else {
      preconditionFailure("-m is checked when arguments are parsed")
    }
    let environment = ProgramEnvironment()
    let workspace = environment.workspace
    _ = try (workspace.allResults(), workspace.preprocessedTasks())
    let identity = ModelIdentity(
      configuration: network,
      trainer: trainer
        ?? DefaultNames.trainer(of: network),
      plans: plans)
    var consolidation = try FoldConsolidation(
      identity, of: workspace.taskName(for: task), in: workspace, folds: folds,
      threads: threads ?? environment.defaultThreadCount)
    consolidation.validationFolder = validationFolder
    consolidation.acceptsDifferences = origins.acceptsDifferences
    let reporter = ConsoleReporter()
    sweepLeftovers(in: try workspace.allResults(), reporter: reporter)
    try consolidation.run(reporter: reporter)
    reporter.note(
      "wrote \(consolidation.model.appending(path: Postprocessing.fileName).path)")
  }
}
