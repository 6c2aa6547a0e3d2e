public import Foundation

/// The curves of a training: losses on the left axis, Dice on the right one.
///
/// Source: nnU-Net v1, `network_trainer.plot_progress`, with the same curves and colors; the moving
/// average by which the best epoch is chosen is new.
public struct ProgressChart: Hashable, Sendable {
  public var title: String
  /// The mean loss of each epoch's training batches.
  public var trainingLosses: [Double]
  /// The mean loss of each epoch's validation batches.
  public var validationLosses: [Double]
  /// The Dice of each epoch; nil where no class occurred.
  public var foregroundDice: [Double?]
  /// The moving average of the Dice after each epoch; empty to leave it out.
  public var averageDice: [Double] = []

  public init(
    title: String, trainingLosses: [Double], validationLosses: [Double],
    foregroundDice: [Double?]
  ) {
    self.title = title
    self.trainingLosses = trainingLosses
    self.validationLosses = validationLosses
    self.foregroundDice = foregroundDice
  }

  /// The chart as curves.
  public var lines: LineChart {
    func epochs(_ count: Int) -> [Double] { (0..<count).map(Double.init) }
    let dice = foregroundDice.map { $0 ?? .nan }
    var curves: [LineChart.Curve] = [
      .init(
        label: "loss_tr", x: epochs(trainingLosses.count), y: trainingLosses, color: .blue),
      .init(
        label: "loss_val, train=False", x: epochs(validationLosses.count), y: validationLosses,
        color: .red),
      .init(
        label: "evaluation metric", x: epochs(dice.count), y: dice, color: .green,
        isDashed: true, usesRightAxis: true),
    ]
    if !averageDice.isEmpty {
      curves.append(
        .init(
          label: "its moving average", x: epochs(averageDice.count), y: averageDice,
          color: .green, lineWidth: 4, usesRightAxis: true))
    }
    var chart = LineChart(
      title: title, xLabel: "epoch", leftLabel: "loss",
      rightLabel: "evaluation metric (mean foreground Dice)", curves: curves)
    chart.countsOnX = true
    chart.rightRange = 0...1
    return chart
  }

  /// The chart as a PNG file.
  public func png() throws(ChartError) -> Data { try lines.png() }
}
