import Arrays
import Evaluation
import Foundation
package import HostSystem
package import Inference
import JSON
package import Networks
import Plans
import Preprocessing

/// Predicts the validation cases of a fold in full and compares them with their labels.
///
/// Source: nnU-Net v1, `nnUNetTrainer.validate`.
package struct FinalValidation: Sendable {
  package var setup: TrainingSetup
  /// The name of the folder for the predictions.
  package var folderName = DefaultNames.validationFolder
  /// How the cases are predicted.
  package var options = PredictionOptions()
  /// Whether existing cases are predicted again.
  package var overwrites = true
  /// Structures of one or more labels whose Dice is listed in `summary.csv`.
  package var regions: [LabelRegion]
  /// Threads for the evaluation.
  package var threads: Int
  /// Receives requests to end, between two cases.
  package var interruption: TrainingInterruption?

  /// The name of the file that describes how a folder of predictions was made.
  static let argumentsFile = "validation_args.json"

  package init(setup: TrainingSetup, threads: Int) {
    self.setup = setup
    self.threads = threads
    options.exportThreads = threads
    regions = setup.recipe.regions ?? []
  }

  private struct Arguments: Codable {
    var mirrors: Bool
    var usesSlidingWindow = true
    var stepSize: Double
    var savesProbabilities: Bool
    var usesGaussian: Bool
    var overwrites: Bool
    var folderName: String
    var debug = false
    var allInGPU = false
    var exportOptions: [String: Bool]?

    enum CodingKeys: String, CodingKey {
      case debug
      case mirrors = "do_mirroring"
      case usesSlidingWindow = "use_sliding_window"
      case stepSize = "step_size"
      case savesProbabilities = "save_softmax"
      case usesGaussian = "use_gaussian"
      case overwrites = "overwrite"
      case folderName = "validation_folder_name"
      case allInGPU = "all_in_gpu"
      case exportOptions = "segmentation_export_kwargs"
    }
  }

  /// Predicts and evaluates with a network, the cases shared by the processes; writes segmentations and `summary.json`.
  ///
  /// - Returns: The mean Dice of each foreground label, or of each of ``regions`` if there are any;
  ///   NaN if it occurs nowhere.
  @discardableResult
  package func run(
    _ network: TrainableNetwork, reportingTo log: some Reporter
  ) throws -> [Double] {
    let folder = setup.foldFolder.validationFolder(named: folderName)
    try makeFolder(at: folder)
    if setup.ranks.isFirst {
      try removeStale(in: folder, log: log)
      try writeArguments(to: folder)
    }
    try setup.ranks.meet()
    try predict(with: network, into: folder, log: log)
    let dice = setup.ranks.isFirst ? try evaluate(folder, log: log) : []
    return try setup.ranks.broadcast(dice)
  }

  /// Removes the results of an earlier validation, and the cases that do not belong to this fold.
  ///
  /// Without `summary.json`, the folder does not count as validated until all cases are compared
  /// again.
  private func removeStale(in folder: URL, log: some Reporter) throws {
    let files = FileManager.default
    for name in ["summary.json", "summary.csv"] where fileExists(folder.appending(path: name)) {
      try files.removeItem(at: folder.appending(path: name))
    }
    let processed = setup.foldFolder.url.appending(
      path: folderName + DefaultNames.postprocessedSuffix)
    if fileExists(processed) { try files.removeItem(at: processed) }
    let suffix = setup.plans.fileEnding.text
    let own = Set(setup.split.validation.map { $0 + suffix })
    let stale = try fileNames(in: folder, endingWith: suffix).filter { !own.contains($0) }
      .map { String($0.dropLast(suffix.count)) }
    for identifier in stale {
      let archive = ProbabilitiesFile.archive(of: identifier, in: folder)
      let properties = ProbabilitiesFile.properties(of: identifier, in: folder)
      for file in [folder.appending(path: identifier + suffix), archive, properties]
      where fileExists(file) {
        try files.removeItem(at: file)
      }
    }
    if !stale.isEmpty {
      log.note(
        "removed \(stale.count) case\(stale.count == 1 ? "" : "s") that this fold does not validate"
          + " from \(folder.path)")
    }
  }

  private func writeArguments(to folder: URL) throws {
    try JSONFile.write(
      Arguments(
        mirrors: options.mirrors, stepSize: options.stepSize,
        savesProbabilities: options.savesProbabilities, usesGaussian: options.usesGaussian,
        overwrites: overwrites, folderName: folderName),
      to: folder.appending(path: Self.argumentsFile))
  }

  private func evaluate(
    _ folder: URL, log: some Reporter
  ) throws -> [Double] {
    let pairs = setup.split.validation.map { identifier in
      SegmentationPair(
        reference: setup.groundTruth(of: identifier),
        prediction: folder.appending(path: setup.plans.fileEnding.fileName(of: identifier)))
    }
    let dice = try evaluate(pairs, folder: folder, log: log)
    return regions.isEmpty
      ? dice : try evaluateRegions(pairs, folder: folder, log: log)
  }

  /// Compares label by label and writes `summary.json`.
  private func evaluate(
    _ pairs: [SegmentationPair], folder: URL, log: some Reporter
  ) throws -> [Double] {
    let cases = try Evaluation.evaluate(
      pairs, labels: Array(0..<setup.classCount), threads: threads, reporter: log)
    let summary = SegmentationSummary(
      cases: cases, name: "\(setup.recipe.name) val tiled True", task: setup.task)
    try JSONFile.write(summary, to: folder.appending(path: "summary.json"))
    let dice = (1..<setup.classCount).map { summary.means[$0]?[.dice] ?? .nan }
    let names = setup.labelNames
    log.note(
      "validation: "
        + diceText(dice.enumerated().map { (names[$0 + 1] ?? "label \($0 + 1)", $1) }))
    return dice
  }

  /// Compares region by region and writes `summary.csv`.
  private func evaluateRegions(
    _ pairs: [SegmentationPair], folder: URL, log: some Reporter
  ) throws -> [Double] {
    let scores = try Evaluation.evaluateRegions(
      pairs, regions: regions.map(\.evaluated), threads: threads, reporter: log)
    try scores.write(to: folder)
    log.note("validation: " + diceText(zip(regions, scores.means).map { ($0.name, $1) }))
    return scores.means
  }

  private func predict(
    with network: TrainableNetwork, into folder: URL, log: some Reporter
  ) throws {
    let pipeline = try setup.pipeline(network, options: options)
    let store = PreparedStore(folder: setup.preparedFolder)
    let identifiers = setup.ranks.share(of: setup.split.validation)
    let progress = CaseProgress(
      "validation", weights: try pipeline.passes(of: identifiers, in: store), reporter: log)
    let cases = SharedCases(ranks: setup.ranks, interruption: interruption)
    let end = try cases.forEach(identifiers) { identifier in
      if overwrites || !isComplete(identifier, in: folder) {
        let prepared = try store.open(identifier)
        var data = try prepared.loadedData()
        if let previous = setup.previous {
          data = data.appendingMasks(
            of: try previous.open(identifier, expecting: prepared.shape).loaded(),
            labels: 1..<setup.classCount)
        }
        try pipeline.predict(
          data, properties: prepared.properties, identifier: identifier, into: folder,
          reporter: progress.reporter(of: identifier))()
      }
      progress.finishCase(identifier)
    }
    // The predictions are kept.
    if let end {
      throw TrainingError.validationInterrupted(
        reason: end.reason, completed: end.completed, total: setup.split.validation.count)
    }
  }

  /// Whether all requested files of a case exist.
  private func isComplete(_ identifier: String, in folder: URL) -> Bool {
    fileExists(folder.appending(path: setup.plans.fileEnding.fileName(of: identifier)))
      && (!options.savesProbabilities
        || fileExists(ProbabilitiesFile.archive(of: identifier, in: folder)))
  }
}
