import Foundation
import HostSystem
import Inference
import JSON
import ModelExchange
import Plans
import TrainedModels

/// Compares the origin of a training with those of the fold itself and the model's other folds,
/// before anything is written.
///
/// A model's folds share its plans, its network and one cross-validation: if a fold is trained with
/// others, all of them predict wrongly or are evaluated on cases that they have seen.
struct OriginCheck {
  let setup: TrainingSetup
  let start: TrainingSession.Start

  /// What differs.
  private(set) var differences: [OriginDifference] = []
  /// What cannot be checked.
  private(set) var remarks: [String] = []

  /// Reads the headers of the existing checkpoints.
  init(_ setup: TrainingSetup, start: TrainingSession.Start) throws {
    self.setup = setup
    self.start = start
    var silent: [String] = []
    var others: [String] = []
    if let state = newestState {
      if let origin = state.origin {
        try compare(origin, ofFold: setup.foldFolder.url, split: setup.split)
      } else {
        silent.append(setup.fold.folderName)
      }
    }
    for fold in modelFolds where fold.url.lastPathComponent != setup.fold.folderName {
      guard let checkpoint = FoldFolder.Checkpoint.lasting.first(where: fold.exists) else {
        continue
      }
      others.append(fold.url.lastPathComponent)
      guard let origin = try OriginFingerprints(ofCheckpoint: fold.file(checkpoint)) else {
        silent.append(fold.url.lastPathComponent)
        continue
      }
      try compare(origin, ofFold: fold.url, split: split(named: fold.url.lastPathComponent))
    }
    if !silent.isEmpty { try compareSharedPlans(of: silent) }
    if !others.isEmpty, start != .validationOnly(.final), start != .validationOnly(.best) {
      try compareNetwork(of: others)
    }
    try compareFoldsOfV1()
    if let previous = setup.previous { try compareFirstNetwork(of: previous) }
  }

  /// The state that the session continues from; nil if it begins with new weights.
  ///
  /// Unreadable files are ignored here; the code that reads them completely reports them.
  private var newestState: TrainingCheckpoint.State? {
    let kinds: [FoldFolder.Checkpoint]
    switch start {
    case .fresh, .overwriting: return nil
    case .resuming, .resumingIfBegun: kinds = FoldFolder.Checkpoint.allCases
    case .validationOnly(let kind): kinds = [kind]
    }
    let folder = setup.foldFolder
    return kinds.filter(folder.exists)
      .compactMap { try? TrainingCheckpoint.state(ofCheckpoint: folder.file($0)) }
      .reduce(nil) { newest, state in
        newest.map { state.isAhead(of: $0) ? state : $0 } ?? state
      }
  }

  /// The split of a fold of the cross-validation; nil for the fold of all cases.
  private func split(named name: String) throws -> DataSplit? {
    guard name != setup.fold.folderName else { return setup.split }
    guard let number = Fold(folderName: name)?.number, let splits = setup.splits
    else {
      return nil
    }
    return try splits.split(fold: number, cases: setup.preparedCases)
  }

  private mutating func compare(
    _ origin: OriginFingerprints, ofFold folder: URL, split: DataSplit?
  ) throws {
    if let found = try OriginDifference.inPlans(
      origin, ofFold: folder, to: setup.plans, in: setup.preprocessedTask.path)
    {
      differences.append(found)
    }
    if let split {
      let place = setup.splits?.file.path ?? setup.preparedFolder.path
      if let found = try OriginDifference.inSplit(origin, ofFold: folder, to: split, in: place) {
        differences.append(found)
      }
    }
  }

  /// The folders of the model's folds, including this one, as far as they exist.
  private var modelFolds: [FoldFolder] { folds(in: setup.modelFolder) }

  private func folds(in model: URL) -> [FoldFolder] {
    let names = (try? folderNames(in: model)) ?? []
    return names.filter { Fold(folderName: $0) != nil }
      .map { FoldFolder(model.appending(path: $0, directoryHint: .isDirectory)) }
  }

  /// Folds of earlier versions were trained with the plans in the model's folder.
  private mutating func compareSharedPlans(of folds: [String]) throws {
    remarks.append(
      "\(folds.joined(separator: ", ")): the checkpoints come from a version that stored no fingerprints of"
        + " plans and split; whether the split has changed cannot be checked.")
    let file = setup.modelFolder.appending(path: TrainedModel.plansFile)
    guard fileExists(file) else { return }
    let old = try JSONFile.read(ExperimentPlans.self, from: file)
    let details = try setup.plans.originDifferences(from: old)
    guard !details.isEmpty else { return }
    differences.append(
      OriginDifference(
        fold: folds.joined(separator: ", "),
        problem: "\(file.path) has plans other than those now in \(setup.preprocessedTask.path)"
          + OriginDifference.list(details)))
  }

  private mutating func compareNetwork(of folds: [String]) throws {
    guard let old = try ModelSettings.read(from: setup.modelFolder) else { return }
    let details = try JSONFile.differences(between: old, and: setup.modelSettings)
    guard !details.isEmpty else { return }
    differences.append(
      OriginDifference(
        fold: folds.joined(separator: ", "),
        problem: "trained with a network other than this fold's"
          + OriginDifference.list(details)))
  }

  /// The second network of a cascade learns from the first one's predictions of cases that it had
  /// not seen; with another split, it had seen some of them.
  private mutating func compareFirstNetwork(of store: NextStageStore) throws {
    for fold in folds(in: store.folder.deletingLastPathComponent())
    where fold.url.lastPathComponent != Fold.all.folderName {
      guard fold.exists(.final),
        let origin = try OriginFingerprints(ofCheckpoint: fold.file(.final)),
        let split = try split(named: fold.url.lastPathComponent)
      else { continue }
      let known = differences.count
      try compare(origin, ofFold: fold.url, split: split)
      for index in differences.indices.dropFirst(known) {
        differences[index].fold = "3d_lowres, " + differences[index].fold
      }
    }
  }

  /// Folds of the Python nnU-Net v1 are allowed next to ours if the plans are the same.
  private mutating func compareFoldsOfV1() throws {
    let folds = modelFolds.filter { !V1Model.checkpoints(inFold: $0.url).isEmpty }
    guard !folds.isEmpty else { return }
    let names = folds.map(\.url.lastPathComponent).joined(separator: ", ")
    let file = setup.modelFolder.appending(path: V1Model.plansFile)
    guard fileExists(file) else {
      differences.append(
        OriginDifference(
          fold: names, problem: "is of the Python nnU-Net v1, but \(file.path) is missing"))
      return
    }
    let details = try setup.plans.originDifferences(from: try V1Model.plans(contentsOf: file))
    guard !details.isEmpty else { return }
    differences.append(
      OriginDifference(
        fold: names,
        problem: "is of the Python nnU-Net v1; \(file.path) has other plans than"
          + " \(setup.preprocessedTask.path)" + OriginDifference.list(details)))
  }
}

extension TrainingSetup {
  /// The network's settings for inference.
  var modelSettings: ModelSettings {
    ModelSettings(
      network: network, mirrorAxes: recipe.mirrorAxes,
      regionsClassOrder: labelScheme.regionsClassOrder)
  }
}

extension FoldFolder.Checkpoint {
  /// The checkpoints that show what a fold was made from, the most informative first.
  static let lasting: [Self] = [.final, .latest, .previous, .best]
}
