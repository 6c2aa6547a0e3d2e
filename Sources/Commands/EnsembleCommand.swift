import ArgumentParser
import Evaluation
import Foundation
import HostSystem
import JSON
import ModelSelection

/// `nnUNet_ensemble`: averages the probabilities of several predictions.
struct EnsembleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_ensemble",
    abstract: "Average the probabilities of several predictions.",
    discussion: """
      Each folder contains predictions of the same images, made with nnUNet_predict -z: CASE.npz and \
      CASE.json. Writes the label with the highest mean probability of each voxel to CASE.nii.gz. The \
      memory needed does not depend on the number of labels or folders.

      Example: nnUNet_ensemble -f predictions_2d predictions_3d -o predictions
      """)

  @Option(
    name: [.short, .customLong("folders")], parsing: .upToNextOption,
    help: .init("The folders with the predictions to average.", valueName: "folder"))
  var folders: [String]

  @Option(
    name: [.short, .customLong("output_folder")],
    help: .init("The folder for the segmentations; created if needed.", valueName: "folder"))
  var output: String

  @Option(
    name: [.short, .customLong("threads")],
    help: .init("Cases to process at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Option(
    name: [.customLong("pp", withSingleDash: true), .customLong("postprocessing_file")],
    help: .init(
      "A postprocessing.json to apply; the original segmentations are saved in not_postprocessed.",
      valueName: "file"))
  var postprocessingFile: String?

  @Flag(name: .customLong("npz"), help: "Also keep the mean probabilities.")
  var savesProbabilities = false

  func validate() throws {
    guard !folders.isEmpty else { throw ValidationError("Give the folders to average with -f.") }
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    let reporter = ConsoleReporter()
    let threads = try threads ?? ProgramEnvironment().defaultThreadCount
    // Read first, so that a missing file is noticed before the work.
    let postprocessing = try postprocessingFile.map {
      try Postprocessing.read(from: URL(fileURLWithPath: $0))
    }
    let output = URL(fileURLWithPath: output)
    let raw = postprocessing == nil ? output : output.appending(path: "not_postprocessed")
    var ensemble = ProbabilityEnsemble(
      folders: folders.map { URL(fileURLWithPath: $0) }, threads: threads)
    ensemble.savesProbabilities = savesProbabilities
    for folder in [output, raw] { sweepLeftovers(in: folder, reporter: reporter) }
    let cases = try ensemble.cases()
    try ensemble.average(cases, into: raw, reporter: reporter)
    if let postprocessing {
      try postprocessing.apply(
        toFolder: raw, writingTo: output,
        files: cases.map(FileEnding(ofImagesIn: raw).fileName(of:)),
        threads: threads, reporter: reporter)
      try JSONFile.write(postprocessing, to: output.appending(path: Postprocessing.fileName))
    }
    reporter.note(
      "averaged \(countText(cases.count, "case")) of \(countText(folders.count, "prediction"))"
        + " into \(output.path)")
  }
}
