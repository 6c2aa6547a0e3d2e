import Foundation
import HostSystem

/// The summary as tables, for spreadsheets and for reading.
extension SegmentationSummary {
  /// One line for each case and label, and one for each label's mean; comma-separated.
  ///
  /// The columns are `case`, `label` and the metrics; a value that is not defined is `nan`.
  public var csv: String {
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

  /// One line for each label: the mean Dice, its spread, the worst case and the other metrics.
  public var table: String {
    let rows = means.keys.sorted().map(row)
    var header = ["label", "cases", "Dice", "+-", "precision", "recall"]
    if hasDistances { header += ["HD95 mm", "ASSD mm", "NSD"] }
    header += ["least Dice"]
    var lines = aligned([header] + rows)
    lines.append("mean Dice of the foreground: \(Self.text(meanForegroundDice))")
    return lines.joined(separator: "\n")
  }

  private var hasDistances: Bool {
    means.values.contains { $0.values[.hausdorffDistance95] != nil }
  }

  private func row(of label: Int) -> [String] {
    let defined = cases.filter { !($0.labels[label]?[.dice] ?? .nan).isNaN }
    let dice = defined.compactMap { $0.labels[label]?[.dice] }
    let worst = defined.min {
      ($0.labels[label]?[.dice] ?? .nan) < ($1.labels[label]?[.dice] ?? .nan)
    }
    func text(_ metric: Metric) -> String { Self.text(means[label]?[metric] ?? .nan) }
    var cells = ["\(label)", "\(dice.count)", text(.dice), Self.text(deviation(dice))]
    cells += [text(.precision), text(.recall)]
    if hasDistances {
      cells += [
        text(.hausdorffDistance95), text(.averageSymmetricSurfaceDistance),
        text(.normalizedSurfaceDice),
      ]
    }
    guard let worst else { return cells + ["in no case"] }
    let value = Self.text(worst.labels[label]?[.dice] ?? .nan)
    return cells + ["\(value) \(caseName(of: worst.prediction))"]
  }

  /// Columns padded to their widest cell, numbers to the right and the last one to the left.
  private func aligned(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == count - 1 ? row[column] : padding + row[column]
      }.joined(separator: "  ")
    }
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

/// The file's name without folder and `.nii.gz` or `.nii`.
private func caseName(of path: String) -> String {
  let file = String(path.fileName)
  for suffix in [".nii.gz", ".nii"] {
    if let name = file.dropping(suffix: suffix) { return String(name) }
  }
  return file
}
