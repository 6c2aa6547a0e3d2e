package import Evaluation
package import Foundation
package import ModelSelection
import Plans

/// The complete content of a report, gathered from folders: only values.
package struct Report: Sendable {
  /// A name and its value, as a line of text.
  package struct Fact: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var title: String
  /// The kind of the report's subject.
  package var kind: String
  package var facts: [Fact] = []
  /// The names of the labels, if dataset.json is known.
  package var labelNames: [Int: String] = [:]
  /// The number of folds in the task's splits.
  package var foldCount = 5
  package var fingerprint: FingerprintPart?
  package var plans: [PlansPart] = []
  package var trainings: [TrainingPart] = []
  package var results: [EvaluatedSet] = []
  package var selection: SelectionPart?
  /// The worst cases, worst first.
  package var pictures: [CasePictures] = []
  /// The name of the results that a user would use, which the pictures show.
  package var shownSet: String?
  /// The limits of the pictures.
  package var limits = PictureLimits()
  /// What is missing, and why.
  package var notes: [String] = []

  package init(title: String, kind: String) {
    self.title = title
    self.kind = kind
  }

  /// A label's number and, if it is known, its name.
  func name(ofLabel label: Int) -> String {
    labelNames[label].map { "\(label) \($0)" } ?? "label \(label)"
  }
}

/// The plans with one name, as printed by `nnUNet_show_plans`.
package struct PlansPart: Sendable {
  package var name: String
  /// A title and the values of all configurations; the first row names these.
  package var rows: [[String]]
  package var reasons: [(title: String, reasons: [String])]
}

/// The folds of one model.
package struct TrainingPart: Sendable {
  package var name: String
  package var folds: [FoldTraining]
}

/// The evaluated predictions of a model, an ensemble or a folder.
package struct EvaluatedSet: Sendable {
  package var name: String
  /// The averaged models: itself for a model, several for an ensemble.
  package var members: [ModelIdentity] = []
  package var summary: SegmentationSummary
  /// The folder of the predictions.
  package var folder: URL
  /// The same after postprocessing, if that was evaluated.
  package var postprocessed: SegmentationSummary?
  package var postprocessedFolder: URL?
  /// The postprocessing, if it was determined.
  package var postprocessing: Postprocessing?
  /// The fold that predicted each case.
  package var folds: [String: String] = [:]

  package init(name: String, summary: SegmentationSummary, folder: URL) {
    self.name = name
    self.summary = summary
    self.folder = folder
  }

  /// The final result for a user: the postprocessed predictions, if there are any.
  package var final: (summary: SegmentationSummary, folder: URL) {
    guard let postprocessed, let postprocessedFolder else { return (summary, folder) }
    return (postprocessed, postprocessedFolder)
  }

  /// The evaluated labels without the background, ascending.
  package var labels: [Int] { summary.means.keys.filter { $0 > 0 }.sorted() }
}

/// The chosen model, and how the others compare.
package struct SelectionPart: Sendable {
  /// One model or ensemble.
  package struct Row: Sendable {
    package var name: String
    package var dice: Double
    package var foldDeviation: Double
    /// The probability of such a difference from the best by chance; nil for the best.
    package var pValue: Double?
    package var isBest: Bool
  }

  package var rows: [Row]
  /// The choice that `nnUNet_find_best_configuration` stored.
  package var choice: ModelChoice?
  /// How to predict with it.
  package var commands: String?
}

extension CaseScores {
  /// The mean Dice over the labels other than the background; NaN if none is defined.
  package var meanForegroundDice: Double {
    let values = labels.filter { $0.key > 0 }.map { $0.value[.dice] }.filter { !$0.isNaN }
    return values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  /// The name of the predicted file without `.nii.gz` or `.nii`.
  package var caseName: String {
    Plans.caseIdentifier(ofListedImage: prediction.isEmpty ? reference : prediction)
  }
}
