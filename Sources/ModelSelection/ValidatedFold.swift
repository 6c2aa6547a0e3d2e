import Evaluation
package import Foundation
import HostSystem
import Inference
import JSON
import ModelExchange
import Plans
import Training

/// One fold's predictions of its validation cases, as listed in the `summary.json` of its
/// validation.
///
/// The folder itself may contain more: files of users or of an earlier network.
package struct ValidatedFold {
  /// The folder with the predictions.
  package let folder: URL
  /// The cases that were validated, sorted.
  package let cases: [String]
  /// The labels that were evaluated, sorted.
  package let labels: [Int]

  /// How the names of the segmentations end.
  private let ending: FileEnding

  static let summaryFile = "summary.json"

  /// Reads the summary of a validation; nil if there is none.
  ///
  /// - Throws: `FileError` or `JSONError` naming what is wrong with the file.
  package init?(in folder: URL) throws {
    let file = folder.appending(path: Self.summaryFile)
    guard fileExists(file) else { return nil }
    let summary = try JSONFile.read(SegmentationSummary.self, from: file)
    self.folder = folder
    let first = summary.cases.first.map { String($0.prediction.fileName) }
    ending = first.flatMap { FileEnding(ofName: $0) } ?? .standard
    cases = summary.cases.map { caseName(($0.prediction as NSString).lastPathComponent) }.sorted()
    labels = summary.means.keys.sorted()
  }

  /// The segmentation of a case.
  package func segmentation(of identifier: String) -> URL {
    folder.appending(path: ending.fileName(of: identifier))
  }

  /// Whether the probabilities of all cases exist.
  package var hasProbabilities: Bool {
    cases.allSatisfy { fileExists(ProbabilitiesFile.archive(of: $0, in: folder)) }
  }

  /// The cases whose segmentations are missing.
  package var missingCases: [String] { cases.filter { !fileExists(segmentation(of: $0)) } }
}

/// The validations of a model's folds, all of which must exist.
struct ValidatedFolds {
  let folds: [(number: Int, validation: ValidatedFold)]

  /// Reads the summaries of the folds.
  ///
  /// - Parameters:
  ///   - model: The model's folder.
  ///   - folds: The folds.
  ///   - validationFolder: The name of the folders with the predictions.
  /// - Throws: ``ModelSelectionError/foldsIncomplete(untrained:unvalidated:)`` naming all that are
  ///   not trained or not validated, or ``ModelSelectionError/filesMissing(_:)``.
  init(of model: URL, _ folds: [Int], in validationFolder: String) throws {
    var found: [(number: Int, validation: ValidatedFold)] = []
    var (untrained, unvalidated): ([String], [String]) = ([], [])
    for number in folds {
      let folder = model.appending(path: Fold.number(number).folderName)
      if let fold = try ValidatedFold(in: folder.appending(path: validationFolder)) {
        found.append((number, fold))
      } else if FoldFolder(folder).isTrained {
        unvalidated.append(folder.appending(path: validationFolder).path)
      } else {
        untrained.append(folder.path)
      }
    }
    guard untrained.isEmpty, unvalidated.isEmpty else {
      throw ModelSelectionError.foldsIncomplete(untrained: untrained, unvalidated: unvalidated)
    }
    let missing = found.flatMap { fold in
      fold.validation.missingCases.map { fold.validation.segmentation(of: $0).path }
    }
    guard missing.isEmpty else { throw ModelSelectionError.filesMissing(missing) }
    self.folds = found
  }
}

extension FoldFolder {
  /// The final checkpoint, of this program or of the Python nnU-Net v1; nil if the fold is not
  /// trained.
  var finalCheckpoint: URL? {
    let foreign = url.appending(path: Checkpoint.final.rawValue)
      .appendingPathExtension(V1Model.checkpointExtension)
    return [file(.final), foreign].first(where: fileExists)
  }

  /// Whether the fold has the final checkpoint.
  package var isTrained: Bool { finalCheckpoint != nil }
}
