package import Foundation
import HostSystem
import JSON
import Networks
package import Plans

extension OriginFingerprints {
  /// Reads what a checkpoint says about its origin; the weights are not read.
  ///
  /// - Returns: Nil for checkpoints without fingerprints, such as those of other programs or
  ///   earlier versions.
  /// - Throws: `CheckpointError` or `FileError` if the file cannot be read.
  package init?(ofCheckpoint url: URL) throws {
    struct State: Decodable { var origin: OriginFingerprints? }
    let file = try SafetensorsFile(contentsOf: url, where: { _ in false })
    guard let text = file.metadata["training"],
      let origin = try? JSONDecoder().decode(State.self, from: Data(text.utf8)).origin
    else { return nil }
    self = origin
  }
}

extension TrainingOrigin {
  /// Reads what a fold was made from, if it matches its checkpoint's fingerprints.
  ///
  /// - Returns: Nil if the file is missing or belongs to another training.
  package init?(inFold folder: URL, of fingerprints: OriginFingerprints) throws {
    let file = folder.appending(path: Self.fileName)
    guard fileExists(file) else { return nil }
    let origin = try JSONFile.read(Self.self, from: file)
    guard try origin.fingerprints == fingerprints else { return nil }
    self = origin
  }
}

/// A fold of a model that was made from something other than what exists now.
public struct OriginDifference: Hashable, Sendable {
  /// The fold's folder.
  package var fold: String
  /// The differing part, the plans or the split, and how it differs.
  package var problem: String

  /// Creates the difference of a fold: the user reads `fold: problem`.
  public init(fold: String, problem: String) {
    self.fold = fold
    self.problem = problem
  }

  /// One line that names both.
  package var text: String { "\(fold): \(problem)" }

  /// Compares a fold's plans with the current ones.
  ///
  /// - Parameters:
  ///   - found: The fingerprints of the fold's checkpoint.
  ///   - folder: The fold's folder.
  ///   - plans: The present plans.
  ///   - place: Their file, for the message.
  /// - Returns: The differences, in detail if the fold's folder contains them; nil for the same
  ///   plans.
  /// - Throws: `FileError` or `JSONError` if the file in the fold's folder cannot be read.
  package static func inPlans(
    _ found: OriginFingerprints, ofFold folder: URL, to plans: ExperimentPlans, in place: String
  ) throws -> OriginDifference? {
    guard try found.plans != plans.originFingerprint else { return nil }
    let details = try TrainingOrigin(inFold: folder, of: found).map {
      try plans.originDifferences(from: $0.plans)
    }
    return OriginDifference(
      fold: folder.lastPathComponent,
      problem: "was trained with plans other than those now in \(place)" + list(details ?? []))
  }

  /// Compares a fold's split with the current one.
  package static func inSplit(
    _ found: OriginFingerprints, ofFold folder: URL, to split: DataSplit, in place: String
  ) throws -> OriginDifference? {
    guard found.split != split.originFingerprint else { return nil }
    let details = try TrainingOrigin(inFold: folder, of: found).map {
      split.originDifferences(from: $0.split)
    }
    return OriginDifference(
      fold: folder.lastPathComponent,
      problem: "was trained on a split other than the one now in \(place)" + list(details ?? []))
  }

  /// The first differences, and the number of the others.
  package static func list(_ details: [String]) -> String {
    guard !details.isEmpty else { return "" }
    let shown = details.prefix(4).joined(separator: "; ")
    return " (" + shown + (details.count > 4 ? "; and \(details.count - 4) more" : "") + ")"
  }
}
