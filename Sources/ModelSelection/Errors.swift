import HostSystem
package import TrainedModels

/// Models that cannot be compared, combined or chosen from.
package enum ModelSelectionError: ExplainedError, Equatable {
  case noModel(folder: String)
  /// Folds without a final checkpoint, and trained ones without predictions of their validation cases.
  case foldsIncomplete(untrained: [String], unvalidated: [String])
  /// Folds that were trained with plans or a split other than the current ones.
  case otherOrigin(model: String, differences: [OriginDifference])
  /// Cases that more than one of the folds has validated.
  case casesInSeveralFolds([String], model: String)
  /// Models whose folds validated different cases.
  case differentCases([String], folders: [String])
  case noReferences(folder: String)
  /// Cases that the folds should have predicted, but did not.
  case casesNotPredicted([String], model: String)
  /// Predictions without true labels.
  case casesWithoutReference([String], folder: String)
  /// Folders whose predictions were made without keeping probabilities.
  case noProbabilities(folders: [String])
  case filesMissing([String])
  case noProbabilityArray(file: String, shape: [Int])
  case differentShapes(case: String, shapes: [[Int]])
  case differentRegions(case: String)
  /// Probabilities of more labels than fit into eight bits, or of regions other than the named
  /// ones.
  case impossibleLabels(case: String, channels: Int, regions: [Int]?)
  /// A selection was made with a postprocessing that is missing.
  case postprocessingMissing(file: String, selection: String)
  case notTheWholeImage(case: String, probabilities: [Int], image: [Int])

  package var message: String {
    switch self {
    case .noModel(let folder): "There is no trained model in \(folder)."
    case .foldsIncomplete(let untrained, let unvalidated):
      [
        untrained.isEmpty ? nil : "These folds are not trained:" + Self.lines(untrained),
        unvalidated.isEmpty
          ? nil
          : "These folds are trained, but they have no validation (summary.json):"
            + Self.lines(unvalidated),
      ].compactMap(\.self).joined(separator: "\n")
    case .otherOrigin(let model, let differences):
      "The validations in \(model) do not belong together:"
        + Self.lines(differences.map(\.text))
    case .casesInSeveralFolds(let cases, let model):
      "\(cases.count) cases were validated by more than one fold of \(model): \(Self.list(cases))."
    case .differentCases(let cases, let folders):
      "\(Self.list(cases)): not validated in all of these folders:" + Self.lines(folders)
    case .noReferences(let folder): "\(folder) contains no segmentations to compare with."
    case .casesNotPredicted(let cases, let model):
      "\(countText(cases.count, "case was", "cases were")) not predicted by any fold of \(model): \(Self.list(cases))."
    case .casesWithoutReference(let cases, let folder):
      "\(folder) lacks the labels of \(countText(cases.count, "predicted case")): \(Self.list(cases))."
    case .noProbabilities(let folders):
      "The probabilities (CASE.npz) are missing in:\n"
        + folders.map { "  \($0)" }.joined(separator: "\n")
    case .filesMissing(let files):
      "\(countText(files.count, "file is", "files are")) missing: \(Self.list(files))."
    case .noProbabilityArray(let file, let shape):
      "\(file) contains no probabilities (label, z, y, x): the shape of softmax is \(shape)."
    case .impossibleLabels(let name, let channels, let regions):
      "\(name) has probabilities of \(channels) channels"
        + (regions.map { ", which are not the regions \($0) with labels of 0...255" }
          ?? "; at most 256 labels can be written") + "."
    case .differentShapes(let name, let shapes):
      "The probabilities of \(name) differ in shape: "
        + shapes.map(sizeText).joined(separator: ", ") + "."
    case .differentRegions(let name):
      "The probabilities of \(name) belong to different labels or regions."
    case .postprocessingMissing(let file, let selection):
      "\(selection) was made with a postprocessing, but \(file) does not exist."
    case .notTheWholeImage(let name, let probabilities, let image):
      "The probabilities of \(name) have \(sizeText(probabilities)) voxels, its image "
        + "\(sizeText(image))."
    }
  }

  package var hint: String? {
    switch self {
    case .noModel: "Train it first, or name trainer and plans with -tr and -pl."
    case .foldsIncomplete(let untrained, _):
      (untrained.isEmpty
        ? "Validate them with nnUNet_train ... -val" : "Train them with nnUNet_train")
        + " (nnUNet_run does everything that is missing), or name the existing folds with -f."
    case .casesNotPredicted:
      "Train and validate all folds first (nnUNet_train, with -val to validate only), or name the "
        + "existing folds with -f."
    case .otherOrigin:
      "Put back the plans and splits of the trainings, or train these folds again; with "
        + "--accept-differences they are compared anyway."
    case .casesInSeveralFolds:
      "With -f, name folds that share no validation cases; folds beyond splits_final.json overlap with "
        + "others."
    case .differentCases: "Validate both models on the same split: nnUNet_train ... -val."
    case .noReferences: "Run nnUNet_plan_and_preprocess for the task."
    case .noProbabilities:
      "Predict with -z, or validate again with nnUNet_train ... -val --npz; a selection without "
        + "ensembles (--disable_ensembling) needs none."
    case .filesMissing: "All folders must contain the same cases, predicted with -z."
    case .noProbabilityArray, .differentShapes, .differentRegions, .impossibleLabels:
      "Average only predictions of the same images by models of the same task."
    case .postprocessingMissing:
      "Run nnUNet_find_best_configuration again (it writes both), or choose the model yourself "
        + "with -m."
    case .notTheWholeImage:
      "Files from nnU-Net before 1.7 cover only the cropped image; predict again."
    case .casesWithoutReference: "The predictions may belong to an earlier version of the task."
    }
  }

  private static func lines(_ texts: [String]) -> String {
    texts.map { "\n  \($0)" }.joined()
  }

  static func list(_ names: [String]) -> String { listText(names, first: 10) }
}
