import Evaluation
import Foundation
import HostSystem
import JSON
import Plans

/// The average of the validation probabilities of several models, fold by fold.
package struct CrossValidationEnsemble: Sendable {
  /// The name of its folder.
  var name: String
  /// The models' folders.
  var models: [URL]
  /// The folder for `ensembled_raw` and the results from it.
  var folder: URL
  /// The final place of the folder.
  var publishedFolder: URL
  var folds: [Int]
  var validationFolder = DefaultNames.validationFolder

  package static let rawFolder = "ensembled_raw"
  package static let finalFolder = "ensembled_postprocessed"

  /// The folders with the validation of each fold, model by model.
  private func validationFolders(of fold: Int) -> [URL] {
    models.map {
      $0.appending(path: Fold.number(fold).folderName).appending(path: validationFolder)
    }
  }

  /// The cases of a fold, which all models have validated.
  ///
  /// - Throws: ``ModelSelectionError`` naming folds and cases that are missing.
  private func cases(of fold: Int) throws -> [String] {
    let validations = try models.map { model in
      try ValidatedFolds(of: model, [fold], in: validationFolder).folds[0].validation
    }
    let sets = validations.map { Set($0.cases) }
    let everywhere = sets.dropFirst().reduce(sets[0]) { $0.intersection($1) }
    let others = sets.reduce(Set()) { $0.union($1) }.subtracting(everywhere)
    guard others.isEmpty else {
      throw ModelSelectionError.differentCases(
        others.sorted(), folders: validations.map(\.folder.path))
    }
    return validations[0].cases
  }

  /// Throws if the probabilities of any case are missing, naming all folders concerned.
  func requireProbabilities() throws {
    for fold in folds { _ = try cases(of: fold) }
    let incomplete = try folds.flatMap(validationFolders).filter { folder in
      try ValidatedFold(in: folder)?.hasProbabilities != true
    }
    guard incomplete.isEmpty else {
      throw ModelSelectionError.noProbabilities(folders: incomplete.map(\.path))
    }
  }

  /// Writes the averaged segmentations and compares them with the labels.
  func averageAndEvaluate(
    references: URL, task: String, threads: Int, reporter: any Reporter
  ) throws -> SegmentationSummary {
    let raw = folder.appending(path: Self.rawFolder)
    try makeFolder(at: raw)
    var pairs: [SegmentationPair] = []
    for fold in folds {
      let folders = validationFolders(of: fold)
      let cases = try cases(of: fold)
      let ensemble = ProbabilityEnsemble(folders: folders, threads: threads)
      try ensemble.average(cases, into: raw, reporter: reporter)
      let ending = FileEnding(ofImagesIn: references)
      pairs += cases.map { name in
        SegmentationPair(
          reference: references.appending(path: ending.fileName(of: name)),
          prediction: raw.appending(path: ending.fileName(of: name)))
      }
    }
    let scores = try evaluate(
      pairs.sorted { $0.prediction.path < $1.prediction.path }, labels: foregroundLabels(),
      threads: threads, reporter: reporter)
    return SegmentationSummary(
      cases: scores.relocated(from: folder, to: publishedFolder), name: "\(task)__\(name)",
      task: task)
  }

  private func foregroundLabels() throws -> [Int] {
    let file = validationFolders(of: folds[0])[0].appending(path: "summary.json")
    return try JSONFile.read(SegmentationSummary.self, from: file).means.keys
      .filter { $0 > 0 }.sorted()
  }
}
