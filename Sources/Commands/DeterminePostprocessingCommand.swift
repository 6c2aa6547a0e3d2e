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
    help: .init("The network.", valueName: "network"))
  var network: Plans.Configuration

  @OptionGroup var taskOption: TaskOption

  @OptionGroup var trainer: TrainerOption

  @Option(
    name: .customLong("pl", withSingleDash: true),
    help: .init("The plans identifier.", valueName: "name"))
  var plans = DefaultNames.plans

  @Option(
    name: .customLong("val", withSingleDash: true),
    help: .init("The name of the folder with predictions in each fold's folder.", valueName: "name")
  )
  var validationFolder = DefaultNames.validationFolder

  @OptionGroup var folds: FoldsOption

  @OptionGroup var origins: FoldOriginOptions

  @Option(help: .init("Cases to process at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    let environment = ProgramEnvironment()
    let workspace = environment.workspace
    _ = try (workspace.allResults(), workspace.preprocessedTasks())
    let identity = ModelIdentity(
      configuration: network, trainer: trainer.name(for: network), plans: plans)
    var consolidation = try FoldConsolidation(
      identity, of: workspace.taskName(for: taskOption.name), in: workspace, folds: folds.numbers,
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
