import Evaluation
package import Foundation
package import HostSystem
import JSON
package import Plans
import TrainedModels

/// Which models should predict a task's new cases: the content of `selection.json`.
package struct ModelChoice: Codable, Hashable, Sendable {
  /// One model, or several whose probabilities are averaged.
  package var members: [ModelIdentity]
  /// The folds that were compared and that predict together.
  package var folds: [Int]
  /// The mean foreground Dice of the cross-validation.
  package var dice: Double
  /// The ensemble's folder name; nil for a single model, whose folder contains its postprocessing.
  package var ensemble: String?
  /// Whether postprocessing was determined.
  package var postprocesses: Bool
  /// The single models that were compared.
  package var candidates: [ModelIdentity]?

  package static let fileName = "selection.json"

  package init(
    members: [ModelIdentity], folds: [Int], dice: Double, ensemble: String?, postprocesses: Bool,
    candidates: [ModelIdentity]? = nil
  ) {
    self.members = members
    self.folds = folds
    self.dice = dice
    self.ensemble = ensemble
    self.postprocesses = postprocesses
    self.candidates = candidates
  }

  /// Reads the choice for a task; nil when none was made.
  package init?(in workspace: Workspace, task: String) throws {
    let file = try Self.file(in: workspace, task: task)
    guard fileExists(file) else { return nil }
    self = try JSONFile.read(Self.self, from: file)
  }

  /// The file with the choice for a task.
  package static func file(in workspace: Workspace, task: String) throws -> URL {
    try ensembleFolder(in: workspace, task: task).appending(path: fileName)
  }
}

/// The folder of a task's ensembles and of the results about its models.
func ensembleFolder(in workspace: Workspace, task: String) throws -> URL {
  try workspace.allResults().appending(path: "ensembles").appending(path: task)
}

extension ModelChoice {
  /// Reads a choice and checks that it is valid.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      members: try values.decode([ModelIdentity].self, forKey: .members),
      folds: try values.decode([Int].self, forKey: .folds),
      dice: try values.decode(Double.self, forKey: .dice),
      ensemble: try values.decodeIfPresent(String.self, forKey: .ensemble),
      postprocesses: try values.decode(Bool.self, forKey: .postprocesses),
      candidates: try values.decodeIfPresent([ModelIdentity].self, forKey: .candidates))
    func refuse(_ key: CodingKeys, _ problem: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: problem)
    }
    guard members.count == 1 || (members.count > 1 && ensemble != nil) else {
      throw refuse(
        .members, "must be one model, or several with an ensemble, found \(members.count)")
    }
    guard !folds.isEmpty, folds.allSatisfy({ $0 >= 0 }) else {
      throw refuse(.folds, "must be numbers of folds, found \(folds)")
    }
  }

  /// The postprocessing of the chosen ensemble; nil for a single model, which has its own.
  package func ensemblePostprocessing(in workspace: Workspace, task: String) throws -> URL? {
    guard ensemble != nil, postprocesses else { return nil }
    return try postprocessingFile(in: workspace, task: task)
  }

  /// Throws unless the postprocessing that the choice was made with exists: predictions without it
  /// would silently differ.
  ///
  /// That of an ensemble must have been determined with the current folds; that of a single model
  /// is compared when it predicts.
  ///
  /// - Throws: ``ModelSelectionError/postprocessingMissing(file:selection:)``, or
  ///   `TrainedModelError.stalePostprocessing` unless differences are accepted.
  package func checkPostprocessing(
    in workspace: Workspace, task: String, acceptsDifferences: Bool = false,
    reporter: any Reporter = SilentReporter()
  ) throws {
    guard postprocesses else { return }
    let file = try postprocessingFile(in: workspace, task: task)
    guard fileExists(file) else {
      throw ModelSelectionError.postprocessingMissing(
        file: file.path, selection: try Self.file(in: workspace, task: task).path)
    }
    guard ensemble != nil else { return }
    let marks = try Postprocessing.read(from: file).foldMarks
    let kept = try members.flatMap { member in
      let folder = try member.folder(in: workspace, task: task)
      return folds.compactMap { fold in
        marks["\(member.name)/\(Fold.number(fold).folderName)"].map {
          (folder.appending(path: Fold.number(fold).folderName), $0)
        }
      }
    }
    let changed = try FoldMark.changed(since: kept)
    guard !changed.isEmpty else { return }
    let error = TrainedModelError.stalePostprocessing(file: file.path, folds: changed.map(\.path))
    guard acceptsDifferences else { throw error }
    reporter.warn(error.message)
  }

  private func postprocessingFile(in workspace: Workspace, task: String) throws -> URL {
    let folder =
      try ensemble.map { try ensembleFolder(in: workspace, task: task).appending(path: $0) }
      ?? members[0].folder(in: workspace, task: task)
    return folder.appending(path: Postprocessing.fileName)
  }
}
