import HostSystem

/// A mean Dice with those of its parts, for the last line of a command: `mean Dice 0.8712 (anterior
/// 0.8810, posterior 0.8614)`.
///
/// The mean ignores parts that occur in no case, whose Dice is NaN.
package func diceText(_ parts: [(name: String, dice: Double)]) -> String {
  let mean = mean(parts.map(\.dice))
  guard parts.count > 1 else {
    return "Dice \(NumberText.score(mean))" + (parts.first.map { " (\($0.name))" } ?? "")
  }
  let list = parts.map { "\($0.name) \(NumberText.score($0.dice))" }.joined(separator: ", ")
  return "mean Dice \(NumberText.score(mean)) (\(list))"
}

extension SegmentationSummary {
  /// The Dice of the foreground labels by name; labels without one are called `label 3`.
  package func diceText(names: [Int: String]) -> String {
    let labels = means.keys.filter { $0 > 0 }.sorted()
    return Evaluation.diceText(
      labels.map { (names[$0] ?? "label \($0)", means[$0]?[.dice] ?? .nan) })
  }
}
