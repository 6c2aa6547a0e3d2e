package import Evaluation
package import Foundation
package import HostSystem
import Imaging
import JSON
package import Plans
import TrainedModels
import Training

/// Collects the folds' predictions of their validation cases and determines the model's
/// postprocessing from all of them together.
///
/// Follows nnU-Net v1 (`consolidate_folds`): fills `cv_niftis_raw` and `cv_niftis_postprocessed`,
/// each with a `summary.json`, and writes `postprocessing.json`.
package struct FoldConsolidation: Sendable {
  /// The model's folder.
  package var model: URL
  /// The folder with the labels of all training cases; they are copied to `gt_niftis`.
  package var references: URL
  package var folds: [Int]
  /// The cases that the folds must have predicted; nil for all that have labels.
  package var expectedCases: [String]?
  /// The splits of the folds, as far as they are known.
  package var splits: [Int: DataSplit] = [:]
  /// The file with the splits.
  package var splitsFile = DataSplits.fileName
  /// Whether folds that were made from other plans or splits are accepted anyway.
  package var acceptsDifferences = false
  /// The name of the folders with the folds' predictions.
  package var validationFolder = DefaultNames.validationFolder
  package var threads: Int

  /// The usual name of the folders with the folds' predictions.
  package static let rawFolder = "cv_niftis_raw"
  package static let finalFolder = "cv_niftis_postprocessed"
  package static let referenceFolder = "gt_niftis"

  package init(
    model: URL, references: URL, folds: [Int], expectedCases: [String]? = nil, threads: Int
  ) {
    self.model = model
    self.references = references
    self.folds = folds
    self.expectedCases = expectedCases
    self.threads = threads
  }

  /// Prepares the consolidation of a task's model.
  ///
  /// The validation cases of the folds must have been predicted, and no others.
  package init(
    _ identity: ModelIdentity, of task: String, in workspace: Workspace, folds: [Int], threads: Int
  ) throws {
    let preprocessed = try workspace.preprocessedTask(task)
    let references = preprocessed.appending(path: "gt_segmentations")
    self.init(
      model: try identity.folder(in: workspace, task: task), references: references, folds: folds,
      threads: threads)
    guard let stored = try TaskSplits(storedIn: preprocessed) else { return }
    let cases = segmentationNames(in: references).map(caseName)
    for fold in folds { splits[fold] = try stored.split(fold: fold, cases: cases) }
    splitsFile = stored.file.path
    expectedCases = Array(Set(splits.values.flatMap(\.validation))).sorted()
  }

  /// Collects the predictions, decides, and puts all files into the model's folder at once.
  ///
  /// - Returns: The metrics of the original predictions.
  /// - Throws: ``ModelSelectionError`` naming folds and cases that are missing; nothing has changed then.
  @discardableResult
  package func run(
    determinesPostprocessing: Bool = true,
    reporter: any Reporter = SilentReporter()
  ) throws -> SegmentationSummary {
    guard fileExists(model) else { throw ModelSelectionError.noModel(folder: model.path) }
    sweepLeftovers(in: model, reporter: reporter)
    let change = try StagedChange(in: model, for: "consolidation")
    let summary = try write(
      to: change.folder, determinesPostprocessing: determinesPostprocessing, reporter: reporter)
    let names = Self.names(determinesPostprocessing: determinesPostprocessing)
    try change.commit(names.written, removing: names.removed)
    return summary
  }

  /// The files that ``write(to:determinesPostprocessing:reporter:)`` writes, and those that it
  /// replaces.
  static func names(determinesPostprocessing: Bool) -> (written: [String], removed: [String]) {
    let conclusions = [finalFolder, Postprocessing.fileName]
    let collected = [referenceFolder, rawFolder]
    return determinesPostprocessing ? (collected + conclusions, []) : (collected, conclusions)
  }

  /// Writes all files to a folder, to be moved to the model's folder later.
  func write(
    to target: URL, determinesPostprocessing: Bool, reporter: any Reporter
  ) throws -> SegmentationSummary {
    let validations = try ValidatedFolds(of: model, folds, in: validationFolder)
    try FoldOriginCheck(
      model: model, folds: validations, splits: splits, splitsFile: splitsFile,
      acceptsDifferences: acceptsDifferences
    ).run(reporter: reporter)
    let predictions = try collectedPredictions(of: validations)
    let references = try collectReferences(in: target)
    let labels = validations.folds[0].validation.labels
    let raw = target.appending(path: Self.rawFolder)
    try makeFolder(at: raw)
    for file in predictions { try copy(file, to: raw.appending(path: file.lastPathComponent)) }
    let pairs = predictions.map(\.lastPathComponent).sorted().map {
      SegmentationPair(
        reference: references.appending(path: $0), prediction: raw.appending(path: $0))
    }
    let scores = try evaluate(pairs, labels: labels, threads: threads, reporter: reporter)
    var summary = SegmentationSummary(cases: scores.relocated(from: target, to: model))
    summary.addForegroundMean()
    try JSONFile.write(summary, to: raw.appending(path: "summary.json"))
    if determinesPostprocessing {
      var search = PostprocessingSearch(
        base: target, references: references, rawFolder: Self.rawFolder,
        finalFolder: Self.finalFolder, threads: threads)
      search.publishedBase = model
      for fold in folds {
        search.foldMarks[Fold.number(fold).folderName] = try FoldMark.read(ofFold: fold, in: model)
      }
      try search.run(reporter: reporter)
    }
    return summary
  }

  // MARK: - Parts

  /// The predictions of all folds, by file name; checked to be complete.
  private func collectedPredictions(of validations: ValidatedFolds) throws -> [URL] {
    var predictions: [String: URL] = [:]
    var repeated: Set<String> = []
    for (_, fold) in validations.folds {
      for identifier in fold.cases {
        let file = fold.segmentation(of: identifier)
        if predictions.updateValue(file, forKey: file.lastPathComponent) != nil {
          repeated.insert(identifier)
        }
      }
    }
    guard repeated.isEmpty else {
      throw ModelSelectionError.casesInSeveralFolds(repeated.sorted(), model: model.path)
    }
    let ending = FileEnding(ofImagesIn: references)
    let expected =
      expectedCases?.map(ending.fileName(of:)) ?? segmentationNames(in: references)
    let absent = expected.filter { predictions[$0] == nil }
    guard absent.isEmpty else {
      throw ModelSelectionError.casesNotPredicted(absent.map(caseName), model: model.path)
    }
    let known = Set(segmentationNames(in: references))
    guard !known.isEmpty else { throw ModelSelectionError.noReferences(folder: references.path) }
    let unknown = predictions.keys.filter { !known.contains($0) }.sorted()
    guard unknown.isEmpty else {
      throw ModelSelectionError.casesWithoutReference(
        unknown.map(caseName), folder: references.path)
    }
    return predictions.values.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  /// Copies the labels to the model's folder, so that it can be evaluated without the task's
  /// folder.
  private func collectReferences(in folder: URL) throws -> URL {
    let target = folder.appending(path: Self.referenceFolder)
    try makeFolder(at: target)
    for file in segmentationNames(in: references) {
      for part in VolumeFile.files(ofSegmentation: references.appending(path: file)) {
        try copy(part, to: target.appending(path: part.lastPathComponent))
      }
    }
    return target
  }
}

/// The names of a folder's segmentations, sorted; none if there is no such folder.
func segmentationNames(in folder: URL) -> [String] {
  FileEnding(ofImagesIn: folder).names(in: folder)
}

private func copy(_ source: URL, to target: URL) throws {
  try AtomicFile.write(Data(contentsOf: source), to: target)
}

/// The case of a segmentation's file.
func caseName(_ file: String) -> String { FileEnding(ofName: file)?.stem(of: file) ?? file }
