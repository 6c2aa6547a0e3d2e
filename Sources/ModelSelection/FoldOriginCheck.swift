import Foundation
import HostSystem
import Plans
import TrainedModels
import Training

/// Compares the plans and cases of a model's folds with the model's plans and with the current
/// splits, before their validations are used.
struct FoldOriginCheck {
  /// The model's folder.
  var model: URL
  /// The validation of each fold.
  var folds: ValidatedFolds
  /// The splits of folds, as far as they are known.
  var splits: [Int: DataSplit]
  /// The file with the splits.
  var splitsFile: String
  var acceptsDifferences = false

  /// - Throws: ``ModelSelectionError/otherOrigin(model:differences:)``.
  func run(reporter: any Reporter) throws {
    var origins = FoldOrigins()
    let file = TrainedModel.plansFile(in: model)
    let plans = fileExists(file) ? try TrainedModel.plans(contentsOf: file) : nil
    for (number, validation) in folds.folds {
      let fold = FoldFolder(model.appending(path: Fold.number(number).folderName))
      let split = splits[number]
      if let split { origins.add(difference(of: validation, from: split, fold: number)) }
      guard let checkpoint = fold.finalCheckpoint,
        let origin = try origins.compare(checkpoint, to: plans, in: file.path), let split
      else { continue }
      origins.add(
        try OriginDifference.inSplit(origin, ofFold: fold.url, to: split, in: splitsFile))
    }
    try origins.conclude(
      about: model, acceptsDifferences: acceptsDifferences, reporter: reporter
    ) { ModelSelectionError.otherOrigin(model: model.path, differences: $0) }
  }

  /// Whether the validated cases differ from the split.
  private func difference(
    of validation: ValidatedFold, from split: DataSplit, fold: Int
  ) -> OriginDifference? {
    let (found, expected) = (Set(validation.cases), Set(split.validation))
    let details = [
      ("validated, but not of this fold", found.subtracting(expected)),
      ("not validated", expected.subtracting(found)),
    ].filter { !$0.1.isEmpty }
      .map { "\($0.0): \(ModelSelectionError.list($0.1.sorted()))" }
    guard !details.isEmpty else { return nil }
    return OriginDifference(
      fold: Fold.number(fold).folderName,
      problem: "the validated cases differ from those in \(splitsFile)"
        + OriginDifference.list(details))
  }
}
