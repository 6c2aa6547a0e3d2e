package import Foundation
package import HostSystem
import Imaging

/// A structure made of one or more labels.
package struct EvaluatedRegion: Hashable, Sendable {
  package var name: String
  package var labels: Set<Int>

  package init(name: String, labels: some Sequence<Int>) {
    self.name = name
    self.labels = Set(labels)
  }
}

/// The Dice of regions in several cases.
///
/// Source: nnU-Net v1, `evaluate_regions`.
package struct RegionScores: Hashable, Sendable {
  package var regions: [EvaluatedRegion]
  /// The Dice of every region per case; NaN if neither segmentation has it.
  package var cases: [(identifier: String, dice: [Double])] {
    zip(identifiers, dice).map { ($0, $1) }
  }
  private var identifiers: [String]
  private var dice: [[Double]]

  init(regions: [EvaluatedRegion], identifiers: [String], dice: [[Double]]) {
    self.regions = regions
    self.identifiers = identifiers
    self.dice = dice
  }

  /// The mean of every region over the cases where it is defined.
  package var means: [Double] { columns.map { mean($0.filter { !$0.isNaN }) } }

  /// What v1 writes as `summary.csv`: a line per case, then means and medians, once without the
  /// cases that lack the region and once with 1 for them.
  package var table: String {
    let perfect = columns.map { $0.map { $0.isNaN ? 1 : $0 } }
    let defined = columns.map { $0.filter { !$0.isNaN } }
    let rows =
      zip(identifiers, dice).map { ($0, $1) } + [
        ("mean", means), ("median", defined.map(median)),
        ("mean (nan is 1)", perfect.map(mean)), ("median (nan is 1)", perfect.map(median)),
      ]
    let header = (["casename"] + regions.map { QuotedText.csvCell($0.name) }).joined(separator: ",")
    return
      ([header]
      + rows.map { name, values in
        ([QuotedText.csvCell(name)] + values.map { $0.isNaN ? "nan" : String(format: "%.4f", $0) })
          .joined(separator: ",")
      }).joined(separator: "\n") + "\n"
  }

  private var columns: [[Double]] {
    regions.indices.map { region in dice.map { $0[region] } }
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  private func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Writes ``table`` as `summary.csv` into a folder.
  package func write(to folder: URL) throws {
    try AtomicFile.write(Data(table.utf8), to: folder.appendingPathComponent("summary.csv"))
  }
}

/// Computes the Dice of regions of label maps.
///
/// - Parameters:
///   - pairs: Predictions with their references.
///   - regions: The regions, each a set of labels.
///   - threads: The number of cases compared at once.
///   - reporter: Receives the progress.
/// - Returns: The Dice of every region in every case, in the order of `pairs`.
/// - Throws: ``EvaluationError/casesFailed(_:)`` naming all pairs that cannot be compared.
package func evaluateRegions(
  _ pairs: [SegmentationPair], regions: [EvaluatedRegion], threads: Int,
  reporter: any Reporter = SilentReporter()
) throws -> RegionScores {
  let dice = try compare(pairs, threads: threads) { pair throws in
    let (reference, prediction) = try readPair(pair, ignoresGeometry: false, reporter: reporter)
    let overlap = LabelOverlap(reference: reference.labels, prediction: prediction.labels)
    return regions.map { overlap.counts(ofAnyOf: $0.labels)[.dice] }
  }
  let names = pairs.map { pair in
    let name = pair.prediction.lastPathComponent
    return FileEnding(ofName: name)?.stem(of: name) ?? name
  }
  return RegionScores(regions: regions, identifiers: names, dice: dice)
}
