import Foundation
import HostSystem

/// The summary as tables, for spreadsheets and for reading.
extension SegmentationSummary {
  /// One line for each case and label, and one for each label's mean; comma-separated.
  ///
  /// The columns are `case`, `label` and the metrics; a value that is not defined is `nan`.
  package var csv: String {
    let metrics = Set((cases.flatMap(\.labels.values) + means.values).flatMap(\.values.keys))
      .sorted()
    var lines = [(["case", "label"] + metrics.map(\.rawValue)).joined(separator: ",")]
    func append(_ name: String, _ labels: [Int: LabelScores]) {
      for (label, scores) in labels.sorted(by: { $0.key < $1.key }) {
        let values = metrics.map { Self.number(scores[$0], isCount: $0.isVoxelCount) }
        lines.append(([QuotedText.csvCell(name), "\(label)"] + values).joined(separator: ","))
      }
    }
    for scores in cases { append(caseName(of: scores.prediction), scores.labels) }
    append("mean", means)
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line for each label: the mean Dice, its spread and least value, and the other metrics.
  package var table: String {
    var header = ["label", "cases", "Dice", "+-", "least", "prec.", "recall"]
    if hasDistances { header += ["HD95", "ASSD", "NSD"] }
    let rows = [header] + means.keys.sorted().map(row)
    var lines = TextTable(rows, rightAligned: Set(header.indices)).lines()
    if hasDistances { lines.append("HD95 and ASSD in mm") }
    let worst = means.keys.sorted().compactMap { label in
      worstCase(of: label).map { "\(label) in \(caseName(of: $0.prediction))" }
    }
    if !worst.isEmpty {
      lines += wrapped("least Dice of label " + worst.joined(separator: ", "), indent: "  ")
    }
    lines.append("mean Dice of the foreground: \(Self.text(meanForegroundDice))")
    return lines.joined(separator: "\n")
  }

  private func worstCase(of label: Int) -> CaseScores? {
    cases.filter { !($0.labels[label]?[.dice] ?? .nan).isNaN }
      .min { ($0.labels[label]?[.dice] ?? .nan) < ($1.labels[label]?[.dice] ?? .nan) }
  }

  private var hasDistances: Bool {
    means.values.contains { $0.values[.hausdorffDistance95] != nil }
  }

  private func row(of label: Int) -> [String] {
    let dice = cases.map { $0.labels[label]?[.dice] ?? .nan }.filter { !$0.isNaN }
    func text(_ metric: Metric) -> String { Self.text(means[label]?[metric] ?? .nan) }
    func distance(_ metric: Metric) -> String {
      let value = means[label]?[metric] ?? .nan
      return value.isNaN ? "-" : NumberText.short(value)
    }
    var cells = ["\(label)", "\(dice.count)", text(.dice), Self.text(deviation(dice))]
    cells += [Self.text(dice.min() ?? .nan), text(.precision), text(.recall)]
    if hasDistances {
      cells += [
        distance(.hausdorffDistance95), distance(.averageSymmetricSurfaceDistance),
        text(.normalizedSurfaceDice),
      ]
    }
    return cells
  }

  private static func text(_ value: Double) -> String {
    value.isNaN ? "-" : String(format: "%.4f", value)
  }

  private static func number(_ value: Double, isCount: Bool) -> String {
    if value.isNaN { return "nan" }
    if isCount, let count = Int(exactly: value) { return "\(count)" }
    return "\(value)"
  }
}

/// The standard deviation (n - 1); NaN below two values.
private func deviation(_ values: [Double]) -> Double {
  guard values.count > 1 else { return .nan }
  let mean = mean(values)
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
    .squareRoot()
}

/// The file's name without its folder and its ending.
private func caseName(of path: String) -> String {
  let file = String(path.fileName)
  return FileEnding(ofName: file)?.stem(of: file) ?? file
}
