package import Foundation
import HostSystem
import JSON
import ModelExchange
package import Plans

/// The splits of a prepared task, and their origin.
///
/// A task that the Python nnU-Net v1 prepared keeps them in `splits_final.pkl`, which is how its
/// users choose their own folds: it counts like `splits_final.json`, and both must agree.
package struct TaskSplits: Hashable, Sendable {
  package var splits: DataSplits
  package var source: Source
  /// The prepared task's folder.
  package var folder: URL

  /// The origin of splits.
  package enum Source: Hashable, Sendable {
    case file
    /// v1's file, which is read as data and never executed.
    case fileOfV1
    /// No file has any yet.
    case drawn
  }

  /// The name of v1's file.
  package static let fileNameOfV1 = "splits_final.pkl"

  /// Reads the splits of a task, or draws five folds; writes nothing.
  ///
  /// - Parameters:
  ///   - folder: The prepared task's folder.
  ///   - cases: The prepared cases.
  /// - Throws: `PlansError` if splits do not match the cases or two files contradict each other,
  ///   `ExchangeError` if v1's file cannot be read.
  package init(inTask folder: URL, cases: [String]) throws {
    if let stored = try Self(storedIn: folder) {
      try stored.splits.check(cases: cases, path: stored.file.path)
      self = stored
    } else {
      self.folder = folder
      source = .drawn
      splits = DataSplits(splits: try DataSplits.crossValidation(cases: cases))
    }
  }

  /// Reads the splits in a task's folder, without checking its cases; nil if it has none.
  package init?(storedIn folder: URL) throws {
    let (own, foreign) = (
      folder.appending(path: DataSplits.fileName), folder.appending(path: Self.fileNameOfV1)
    )
    let isThere = (own: fileExists(own), foreign: fileExists(foreign))
    guard isThere.own || isThere.foreign else { return nil }
    self.folder = folder
    let theirs = isThere.foreign ? try Self.readV1(foreign) : nil
    guard isThere.own else {
      (source, splits) = (.fileOfV1, DataSplits(splits: theirs ?? []))
      return
    }
    let ours = try JSONFile.read([DataSplit].self, from: own)
    if let theirs, theirs.map(\.originFingerprint) != ours.map(\.originFingerprint) {
      throw PlansError.contradictingSplits(paths: [own.path, foreign.path])
    }
    (source, splits) = (.file, DataSplits(splits: ours))
  }

  private static func readV1(_ url: URL) throws -> [DataSplit] {
    try JSONFile.decode(
      [DataSplit].self, from: V1Model.pickle(contentsOf: url).json(path: url.path), path: url.path)
  }

  /// The file with the splits; if they were drawn, the file for them.
  package var file: URL {
    folder.appending(path: source == .fileOfV1 ? Self.fileNameOfV1 : DataSplits.fileName)
  }

  /// Writes `splits_final.json` unless it exists.
  package func store() throws {
    if source != .file { try splits.write(to: folder.appending(path: DataSplits.fileName)) }
  }

  /// The split of a fold; a random one for a fold that the file does not have.
  package func split(fold: Int, cases: [String]) throws(PlansError) -> DataSplit {
    try splits.split(fold: fold, cases: cases)
  }

  /// What a user should know about a fold: that it is not in the file, or that cases are unused.
  package func remarks(fold: Int, split: DataSplit, cases: [String]) -> [String] {
    var remarks: [String] = []
    if source == .fileOfV1 {
      remarks.append("The folds are those of \(file.path), as the Python nnU-Net v1 reads it.")
    }
    if !splits.splits.indices.contains(fold) {
      let count = splits.splits.count
      remarks.append(
        "Fold \(fold) is requested, but \(file.path) has only \(count) fold\(count == 1 ? "" : "s"):"
          + " training on a random (but seeded) 80:20 split, \(countText(split.training.count, "case")) to train"
          + " and \(split.validation.count) to validate. Its validation cases overlap with those of"
          + " other folds.")
    }
    let unused = splits.unusedCases(of: cases)
    if !unused.isEmpty {
      remarks.append(
        "\(unused.count) prepared case\(unused.count == 1 ? " is" : "s are") in no fold of"
          + " \(file.path) and neither trained on nor validated: \(listText(unused, first: 5))"
          + ". Add them to the file, or delete it to draw new folds.")
    }
    return remarks
  }
}
