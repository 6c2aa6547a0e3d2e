import ArgumentParser
import Evaluation
import Foundation
import HostSystem

/// `nnUNet_evaluate_folder`: compares segmentations with their references.
struct EvaluateFolderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_evaluate_folder",
    abstract: "Compare the segmentations in a folder with reference segmentations.",
    discussion: """
      Both folders must contain the same cases under the same file names. Writes summary.json and \
      summary.csv to the folder with the predictions and prints a table with Dice (mean and \
      standard deviation over the cases), the 95th percentile of the Hausdorff distance (HD95), \
      the average symmetric surface distance (ASSD) and the normalized surface Dice (NSD).

      Example: nnUNet_evaluate_folder -ref labelsTs -pred predictions -l 1 2
      """)

  @Option(
    name: .customLong("ref", withSingleDash: true),
    help: .init("The folder with the reference segmentations.", valueName: "folder"))
  var reference: String

  @Option(
    name: .customLong("pred", withSingleDash: true),
    help: .init("The folder with the predicted segmentations.", valueName: "folder"))
  var prediction: String

  @Option(
    name: .customShort("l"), parsing: .upToNextOption,
    help: .init("The labels to evaluate, for example 1 2.", valueName: "label"))
  var labels: [Int]

  @Option(
    name: .customLong("threads"),
    help: .init("Cases to compare at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Flag(
    name: .customLong("ignore_geometry"),
    help: "Compare segmentations even if spacing, origin or direction differ, with a warning.")
  var ignoresGeometry = false

  @Option(
    name: .customLong("nsd-tolerance"),
    help: .init(
      "The tolerance of the normalized surface Dice. Default: 1.",
      valueName: "mm"))
  var surfaceTolerance = 1.0

  @Flag(
    name: .customLong("no-distances"), help: "Do not compute surface metrics, like nnU-Net v1.")
  var leavesOutDistances = false

  func validate() throws {
    guard !labels.isEmpty else { throw ValidationError("Give at least one label with -l.") }
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
    guard surfaceTolerance >= 0, surfaceTolerance.isFinite else {
      throw ValidationError("--nsd-tolerance is a distance in mm, not \(surfaceTolerance).")
    }
  }

  func run() throws {
    let reporter = ConsoleReporter()
    let predictions = URL(fileURLWithPath: prediction)
    let summary = try evaluateFolder(
      reference: URL(fileURLWithPath: reference), prediction: predictions,
      labels: labels, threads: threads ?? ProgramEnvironment().defaultThreadCount,
      ignoresGeometry: ignoresGeometry,
      surfaceTolerance: leavesOutDistances ? nil : surfaceTolerance, reporter: reporter)
    try AtomicFile.write(
      Data(summary.csv.utf8), to: predictions.appending(path: "summary.csv"))
    reporter.note(summary.table)
    ClosingLines(
      "wrote \(predictions.appending(path: "summary.json").path) and summary.csv",
      next: "nnUNet_report \(QuotedText.shellWord(prediction))"
    ).print(to: reporter, in: ProgramEnvironment())
  }
}
