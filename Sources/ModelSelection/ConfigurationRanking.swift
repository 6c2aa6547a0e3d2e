package import Evaluation
import Foundation
import HostSystem

/// Models and ensembles in the order of their cross-validation.
package struct ConfigurationRanking: Sendable {
  /// A model, or several whose probabilities are averaged.
  package struct Candidate: Sendable {
    /// The configuration's name, or the ensemble's.
    package var name: String
    package var members: [ModelIdentity]
    /// The metrics of the raw predictions of all folds.
    package var summary: SegmentationSummary
    /// The mean foreground Dice of each fold.
    package var foldDice: [Double]

    package init(
      name: String, members: [ModelIdentity], summary: SegmentationSummary, foldDice: [Double]
    ) {
      self.name = name
      self.members = members
      self.summary = summary
      self.foldDice = foldDice
    }

    /// `2d`, or `ensemble of 2d and 3d_fullres`.
    package var shortName: String { ModelIdentity.shortName(of: members) }

    /// The mean foreground Dice; labels that occur in no case are ignored.
    package var dice: Double { summary.meanForegroundDice }

    /// The standard deviation over the folds; NaN for a single one.
    package var foldDeviation: Double {
      let values = foldDice.filter { !$0.isNaN }
      guard values.count > 1 else { return .nan }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(values.count - 1)).squareRoot()
    }
  }

  /// The candidates in the requested order, ensembles last.
  package let candidates: [Candidate]

  package init(candidates: [Candidate]) {
    precondition(!candidates.isEmpty)
    self.candidates = candidates
  }

  /// All candidates with the highest Dice; those with fewer models first, because they are cheaper.
  ///
  /// A candidate with an undefined Dice is the best only if all are undefined.
  package var best: [Candidate] {
    let highest = candidates.map(\.dice).filter { !$0.isNaN }.max()
    let best = candidates.filter { highest == nil || $0.dice == highest }
    return best.enumerated().sorted {
      ($0.element.members.count, $0.offset) < ($1.element.members.count, $1.offset)
    }.map(\.element)
  }

  /// The candidates, best first; undefined ones last.
  package var sorted: [Candidate] {
    candidates.enumerated().sorted { left, right in
      func key(_ dice: Double) -> Double { dice.isNaN ? .infinity : -dice }
      let (first, second) = (key(left.element.dice), key(right.element.dice))
      return first == second ? left.offset < right.offset : first < second
    }.map(\.element)
  }

  /// Whether a candidate differs from the best one, case by case.
  package func comparison(of candidate: Candidate) -> SignedRankTest {
    let best = Self.caseDice(of: best[0])
    let other = Self.caseDice(of: candidate)
    let shared = best.keys.filter { other[$0] != nil }.sorted()
    return SignedRankTest(shared.map { best[$0] ?? .nan }, shared.map { other[$0] ?? .nan })
  }

  /// The table for reading.
  package var table: String {
    var rows = [["model", "Dice", "± folds", "p"]]
    for candidate in sorted {
      let p = comparison(of: candidate).pValue
      rows.append([
        candidate.shortName, NumberText.score(candidate.dice),
        NumberText.score(candidate.foldDeviation),
        candidate.name == best[0].name ? "best" : NumberText.chance(p),
      ])
    }
    return TextTable(rows, rightAligned: [1, 2]).lines().joined(separator: "\n")
      + "\np: the probability of such a difference from the best by chance, case by case"
  }

  /// summary.csv as nnU-Net v1 writes it: the Dice of each label and their mean.
  package var csv: String {
    let labels = Set(candidates.flatMap(\.summary.means.keys)).filter { $0 > 0 }.sorted()
    func number(_ value: Double?) -> String {
      guard let value, !value.isNaN else { return "nan" }
      return String(format: "%.4f", value)
    }
    var lines = ["model," + labels.map { "class\($0)," }.joined() + "average"]
    for candidate in candidates {
      let values = labels.map { number(candidate.summary.means[$0]?[.dice]) + "," }
      lines.append(
        "\(QuotedText.csvCell(candidate.name)),\(values.joined())\(number(candidate.dice))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The mean foreground Dice of each case by the name of its file.
  private static func caseDice(of candidate: Candidate) -> [String: Double] {
    Dictionary(
      candidate.summary.cases.map { scores in
        let dice = scores.labels.filter { $0.key > 0 }.map { $0.value[.dice] }
        let defined = dice.filter { !$0.isNaN }
        let file = String(scores.prediction.fileName)
        return (file, defined.isEmpty ? .nan : defined.reduce(0, +) / Double(defined.count))
      }, uniquingKeysWith: { first, _ in first })
  }
}
