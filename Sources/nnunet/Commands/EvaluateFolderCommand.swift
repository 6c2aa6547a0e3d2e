import ArgumentParser
import Evaluation
import Foundation

/// `nnUNet_evaluate_folder`: compares segmentations with their references.
struct EvaluateFolderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_evaluate_folder",
    abstract: "Compare the segmentations of a folder with their references.",
    discussion: """
      Both folders hold the same cases under the same file names. Writes summary.json into the \
      folder with the predictions.

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
    help: .init("Cases compared at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Flag(
    name: .customLong("ignore_geometry"),
    help: "Compare segmentations whose spacing, origin or direction differ, with a warning.")
  var ignoresGeometry = false

  func validate() throws {
    guard !labels.isEmpty else { throw ValidationError("Give at least one label with -l.") }
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    let reporter = ConsoleReporter()
    let summary = try evaluateFolder(
      reference: URL(fileURLWithPath: reference), prediction: URL(fileURLWithPath: prediction),
      labels: labels, threads: threads ?? ProgramEnvironment().defaultThreadCount,
      ignoresGeometry: ignoresGeometry, reporter: reporter)
    for (label, scores) in summary.means.sorted(by: { $0.key < $1.key }) {
      reporter.note("label \(label): mean Dice \(text(scores[.dice]))")
    }
    reporter.note("mean Dice of the foreground: \(text(summary.meanForegroundDice))")
  }

  private func text(_ value: Double) -> String {
    value.isNaN ? "not defined (in no case)" : String(format: "%.4f", value)
  }
}
