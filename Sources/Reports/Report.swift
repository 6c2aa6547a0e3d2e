public import Evaluation
public import Foundation
public import ModelSelection
import Plans

/// Everything that a report shows, gathered from folders: values only.
public struct Report: Sendable {
  /// A name and its value, as a line of text.
  public struct Fact: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var title: String
  /// What kind of thing the report is about.
  public var kind: String
  public var facts: [Fact] = []
  /// The names of the labels, where dataset.json is known.
  public var labelNames: [Int: String] = [:]
  /// How many folds the task's splits have.
  public var foldCount = 5
  public var fingerprint: FingerprintPart?
  public var plans: [PlansPart] = []
  public var trainings: [TrainingPart] = []
  public var results: [EvaluatedSet] = []
  public var selection: SelectionPart?
  /// The worst cases, worst first.
  public var pictures: [CasePictures] = []
  /// The name of the results that a user would take, which the pictures show.
  public var shownSet: String?
  /// How the pictures were bounded.
  public var limits = PictureLimits()
  /// What is not shown, and why.
  public var notes: [String] = []

  public init(title: String, kind: String) {
    self.title = title
    self.kind = kind
  }

  /// A label's number and, if it is known, its name.
  func name(ofLabel label: Int) -> String {
    labelNames[label].map { "\(label) \($0)" } ?? "label \(label)"
  }
}

/// The plans of one name, as `nnUNet_show_plans` prints them.
public struct PlansPart: Sendable {
  public var name: String
  /// A title and the values of all configurations; the first row names these.
  public var rows: [[String]]
  public var reasons: [(title: String, reasons: [String])]
}

/// The folds of one model.
public struct TrainingPart: Sendable {
  public var name: String
  public var folds: [FoldTraining]
}

/// The evaluated predictions of a model, an ensemble or a folder.
public struct EvaluatedSet: Sendable {
  public var name: String
  /// What was averaged to get them: itself for a model, several for an ensemble.
  public var members: [ModelIdentity] = []
  public var summary: SegmentationSummary
  /// Where the predictions lie.
  public var folder: URL
  /// The same after postprocessing, where that was evaluated.
  public var postprocessed: SegmentationSummary?
  public var postprocessedFolder: URL?
  /// What postprocessing does, where it was determined.
  public var postprocessing: Postprocessing?
  /// The fold that predicted each case.
  public var folds: [String: String] = [:]

  public init(name: String, summary: SegmentationSummary, folder: URL) {
    self.name = name
    self.summary = summary
    self.folder = folder
  }

  /// What a user gets in the end: the postprocessed predictions, if there are any.
  public var final: (summary: SegmentationSummary, folder: URL) {
    guard let postprocessed, let postprocessedFolder else { return (summary, folder) }
    return (postprocessed, postprocessedFolder)
  }

  /// The evaluated labels without the background, ascending.
  public var labels: [Int] { summary.means.keys.filter { $0 > 0 }.sorted() }
}

/// Which model was chosen, and how the others compare.
public struct SelectionPart: Sendable {
  /// One model or ensemble.
  public struct Row: Sendable {
    public var name: String
    public var dice: Double
    public var foldDeviation: Double
    /// How probable such a difference from the best is by chance; nil for the best.
    public var pValue: Double?
    public var isBest: Bool
  }

  public var rows: [Row]
  /// The choice that `nnUNet_find_best_configuration` stored.
  public var choice: ModelChoice?
  /// How to predict with it.
  public var commands: String?
}

extension CaseScores {
  /// The mean Dice over the labels other than the background; NaN where none is defined.
  public var meanForegroundDice: Double {
    let values = labels.filter { $0.key > 0 }.map { $0.value[.dice] }.filter { !$0.isNaN }
    return values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  /// The name of the predicted file without `.nii.gz` or `.nii`.
  public var caseName: String {
    Plans.caseIdentifier(ofListedImage: prediction.isEmpty ? reference : prediction)
  }
}
