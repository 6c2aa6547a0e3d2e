package import Foundation

/// The curves of a training: losses on the left axis, Dice on the right one.
///
/// Source: nnU-Net v1, `network_trainer.plot_progress`, with the same curves and colors under
/// plainer names and with their latest values; the moving average that determines the best epoch is
/// new.
package struct ProgressChart: Hashable, Sendable {
  package var title: String
  /// The mean loss of each epoch's training batches.
  package var trainingLosses: [Double]
  /// The mean loss of each epoch's validation batches.
  package var validationLosses: [Double]
  /// The Dice of each epoch; nil if no class occurred.
  package var foregroundDice: [Double?]
  /// The moving average of the Dice after each epoch; empty to leave it out.
  package var averageDice: [Double] = []

  package init(
    title: String, trainingLosses: [Double], validationLosses: [Double],
    foregroundDice: [Double?]
  ) {
    self.title = title
    self.trainingLosses = trainingLosses
    self.validationLosses = validationLosses
    self.foregroundDice = foregroundDice
  }

  /// The chart as curves.
  package var lines: LineChart {
    func epochs(_ count: Int) -> [Double] { (0..<count).map(Double.init) }
    let dice = foregroundDice.map { $0 ?? .nan }
    /// The last value that is a number, such as ` (now -0.4312)`.
    func latest(_ values: [Double]) -> String {
      values.last { $0.isFinite }.map { String(format: " (now %.4f)", $0) } ?? ""
    }
    var curves: [LineChart.Curve] = [
      .init(
        label: "training loss" + latest(trainingLosses), x: epochs(trainingLosses.count),
        y: trainingLosses, color: .blue),
      .init(
        label: "validation loss" + latest(validationLosses), x: epochs(validationLosses.count),
        y: validationLosses,
        color: .red),
      .init(
        label: "Dice of validation patches" + latest(dice), x: epochs(dice.count), y: dice,
        color: .green,
        isDashed: true, usesRightAxis: true),
    ]
    if !averageDice.isEmpty {
      curves.append(
        .init(
          label: "its moving average" + latest(averageDice), x: epochs(averageDice.count),
          y: averageDice,
          color: .green, lineWidth: 4, usesRightAxis: true))
    }
    var chart = LineChart(
      title: title, xLabel: "epoch", leftLabel: "loss",
      rightLabel: "mean foreground Dice", curves: curves)
    chart.countsOnX = true
    // A little room, so that the frame does not cover curves near 0 and 1.
    chart.rightRange = -0.04...1.04
    return chart
  }

  /// The chart as a PNG file.
  package func png() throws(ChartError) -> Data { try lines.png() }
}
