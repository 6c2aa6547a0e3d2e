import Foundation
import HostSystem
import Inference
import Plans
import Training

/// Compares what the folds of a model were trained with and validated on with the model's plans and
/// with the splits of now, before anything is concluded from their validations.
struct FoldOriginCheck {
  /// The model's folder.
  var model: URL
  /// The validation of each fold.
  var folds: ValidatedFolds
  /// The splits of folds, as far as they are known.
  var splits: [Int: DataSplit]
  /// Where the splits are.
  var splitsFile: String
  var acceptsDifferences = false

  /// - Throws: ``ModelSelectionError/otherOrigin(model:differences:)``.
  func run(reporter: any HostSystem.ProgressReporting) throws {
    var (differences, silent): ([OriginDifference], [String]) = ([], [])
    let file = model.appending(path: TrainedModel.plansFile)
    let plans = fileExists(file) ? try JSONFile.read(ExperimentPlans.self, from: file) : nil
    for (number, validation) in folds.folds {
      let fold = FoldFolder(model.appending(path: "fold_\(number)"))
      let split = splits[number]
      if let split, let found = difference(of: validation, from: split, fold: number) {
        differences.append(found)
      }
      guard fold.exists(.final) else { continue }
      guard let origin = try OriginFingerprints(ofCheckpoint: fold.file(.final)) else {
        silent.append("fold_\(number)")
        continue
      }
      if let plans,
        let found = try OriginDifference.inPlans(
          origin, ofFold: fold.url, to: plans, in: file.path)
      {
        differences.append(found)
      }
      if let split,
        let found = try OriginDifference.inSplit(
          origin, ofFold: fold.url, to: split, in: splitsFile)
      {
        differences.append(found)
      }
    }
    if !silent.isEmpty {
      reporter.note(
        "\(silent.joined(separator: ", ")) of \(model.path): the checkpoints are of a version that kept"
          + " no fingerprints; whether plans and split are the same cannot be checked")
    }
    guard !differences.isEmpty else { return }
    guard acceptsDifferences else {
      throw ModelSelectionError.otherOrigin(model: model.path, differences: differences)
    }
    for difference in differences { reporter.warn(difference.text) }
  }

  /// Whether other cases were validated than the split has.
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
      fold: "fold_\(fold)",
      problem: "other cases were validated than \(splitsFile) has for it"
        + OriginDifference.list(details))
  }
}
