import Arrays
package import Foundation
import HostSystem
import JSON

/// The cases that one fold trains on and those that it validates with.
public struct DataSplit: Codable, Hashable, Sendable {
  /// The names of the training cases.
  public var training: [String]
  package var validation: [String]

  /// Creates a split from the names of cases.
  public init(training: [String], validation: [String]) {
    self.training = training
    self.validation = validation
  }

  enum CodingKeys: String, CodingKey {
    case training = "train"
    case validation = "val"
  }
}

/// The folds of a dataset, as in `splits_final.json`.
///
/// The draws equal those of nnU-Net v1 (scikit-learn's `KFold` on NumPy's legacy generator), so that
/// models of both can be compared and combined.
package struct DataSplits: Hashable, Sendable {
  /// One split for each fold.
  package var splits: [DataSplit]

  /// The seed of all splits in nnU-Net.
  private static let seed: UInt32 = 12345

  package init(splits: [DataSplit]) { self.splits = splits }

  /// Splits cases into folds: every case validates exactly one of them.
  ///
  /// - Parameters:
  ///   - cases: The names of all cases; their order does not matter.
  ///   - folds: The number of folds.
  /// - Returns: One split for each fold.
  /// - Throws: ``PlansError/tooFewCases(count:folds:)`` if there are fewer cases than folds.
  package static func crossValidation(
    cases: [String], folds: Int = 5
  ) throws(PlansError) -> [DataSplit] {
    precondition(folds > 1, "cross-validation needs at least two folds")
    guard cases.count >= folds else {
      throw .tooFewCases(count: cases.count, folds: folds)
    }
    let cases = cases.sorted(by: pythonOrder)
    var order = Array(cases.indices)
    var generator = LegacyRandomState(seed: seed)
    generator.shuffle(&order)
    var start = 0
    return (0..<folds).map { fold in
      let end = start + cases.count / folds + (fold < cases.count % folds ? 1 : 0)
      defer { start = end }
      return split(cases, validation: Set(order[start..<end]))
    }
  }

  /// A random split of 80:20 for a fold that the splits file does not have.
  ///
  /// - Throws: ``PlansError/noSuchFold(fold:caseCount:)`` if one of the two sides would be empty or
  ///   the fold is negative.
  package static func random8020(cases: [String], fold: Int) throws(PlansError) -> DataSplit {
    let cases = cases.sorted(by: pythonOrder)
    let trainingCount = Int(trusted: Double(cases.count) * 0.8)
    // The generator's seeds have 32 bits.
    guard trainingCount > 0, let fold32 = UInt32(exactly: fold),
      case (let seed, let overflows) = seed.addingReportingOverflow(fold32), !overflows
    else {
      throw .noSuchFold(fold: fold, caseCount: cases.count)
    }
    var generator = LegacyRandomState(seed: seed)
    let training = generator.choice(cases.count, count: trainingCount)
    let isTraining = Set(training)
    return DataSplit(
      training: training.map { cases[$0] },
      validation: cases.indices.filter { !isTraining.contains($0) }.map { cases[$0] })
  }

  /// The split of a fold: from this list, or a random one for a fold beyond it.
  package func split(fold: Int, cases: [String]) throws(PlansError) -> DataSplit {
    splits.indices.contains(fold)
      ? splits[fold] : try Self.random8020(cases: cases, fold: fold)
  }

  private static func split(_ cases: [String], validation: Set<Int>) -> DataSplit {
    DataSplit(
      training: cases.indices.filter { !validation.contains($0) }.map { cases[$0] },
      validation: cases.indices.filter { validation.contains($0) }.map { cases[$0] })
  }

  /// Python sorts text by code points; Swift's own order differs for composed characters.
  private static func pythonOrder(_ left: String, _ right: String) -> Bool {
    left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
  }
}

// MARK: - Files

extension DataSplits {
  /// The name of the splits file in a preprocessed task's folder.
  package static let fileName = "splits_final.json"

  /// Reads a splits file, which may be the user's own with any number of splits.
  ///
  /// - Throws: ``PlansError/wrongSplits(path:problems:)``, see ``check(cases:path:)``.
  package static func read(from url: URL, cases: [String]) throws -> DataSplits {
    let splits = DataSplits(splits: try JSONFile.read([DataSplit].self, from: url))
    try splits.check(cases: cases, path: url.path)
    return splits
  }

  /// Checks that the splits can be trained.
  ///
  /// Cases that are in no split are allowed, see ``unusedCases(of:)``: users may hold some out on
  /// purpose.
  ///
  /// - Throws: ``PlansError/wrongSplits(path:problems:)`` naming every case that `cases` lacks,
  ///   every case that occurs twice or on both sides of a split, and every side without cases.
  package func check(cases: [String], path: String) throws(PlansError) {
    let problems = problems(cases: Set(cases))
    guard problems.isEmpty else { throw .wrongSplits(path: path, problems: problems) }
  }

  /// The cases that no split trains on or validates.
  package func unusedCases(of cases: [String]) -> [String] {
    let used = Set(splits.flatMap { $0.training + $0.validation })
    return cases.filter { !used.contains($0) }.sorted(by: Self.pythonOrder)
  }

  /// Writes the splits file.
  package func write(to url: URL) throws {
    try JSONFile.write(splits, to: url)
  }

  private func problems(cases: Set<String>) -> [String] {
    var problems = splits.isEmpty ? ["it has no split"] : []
    for (fold, split) in splits.enumerated() {
      let unknown = Set(split.training + split.validation).subtracting(cases)
      let shared = Set(split.training).intersection(split.validation)
      for (name, side) in [("trains", split.training), ("validates", split.validation)] {
        let repeated = Self.repeated(side)
        if !repeated.isEmpty {
          problems.append("split \(fold) \(name) more than once with: \(Self.list(repeated))")
        }
      }
      if !unknown.isEmpty {
        problems.append("split \(fold) has unknown cases: \(Self.list(unknown))")
      }
      if !shared.isEmpty {
        problems.append("split \(fold) trains and validates with: \(Self.list(shared))")
      }
      if split.training.isEmpty { problems.append("split \(fold) has no training cases") }
      if split.validation.isEmpty { problems.append("split \(fold) has no validation cases") }
    }
    return problems
  }

  /// The repeated elements of a list; they would be drawn more often.
  private static func repeated(_ names: [String]) -> Set<String> {
    var seen: Set<String> = []
    return Set(names.filter { !seen.insert($0).inserted })
  }

  /// The first names of a set, and the number of the others.
  static func list(_ names: Set<String>) -> String { listText(names.sorted(), first: 5) }
}
