import Foundation
import HostSystem

extension ReportPage {
  /// The curves of all folds of each model.
  var trainings: String {
    report.trainings.map { part in
      HTML.text("h3", part.name) + foldTable(part) + grid(figures(part))
    }.joined()
  }

  private func foldTable(_ part: TrainingPart) -> String {
    let rows = part.folds.map { fold in
      [
        fold.fold, "\(fold.epochCount)\(fold.isFinished ? "" : ", not finished")",
        NumberText.score(fold.averageDice.filter(\.isFinite).max() ?? .nan),
        NumberText.short(fold.trainingLosses.last ?? .nan),
        NumberText.short(fold.validationLosses.last ?? .nan),
        fold.medianSeconds.map { NumberText.short($0) } ?? "–",
        [fold.device, fold.precision].compactMap { $0 }.joined(separator: ", "),
      ]
    }
    return plainTable(
      caption: "Folds of \(part.name)",
      header: [
        "fold", "epochs", "best average Dice", "last training loss", "last validation loss",
        "seconds per epoch (median)", "trained on",
      ], rows: rows)
  }

  private func figures(_ part: TrainingPart) -> [String] {
    let folds = part.folds.enumerated()
    let colors = folds.map { (style: Figures.style($0), name: $1.fold) }
    let losses = folds.flatMap { index, fold in
      [
        Figures.Curve(
          name: "\(fold.fold), training", values: fold.trainingLosses, style: Figures.style(index)),
        Figures.Curve(
          name: "\(fold.fold), validation", values: fold.validationLosses,
          style: "\(Figures.style(index)) dashed"),
      ]
    }
    let dice = folds.flatMap { index, fold in
      [
        Figures.Curve(
          name: "\(fold.fold), each epoch", values: fold.dice,
          style: "\(Figures.style(index)) thin"),
        Figures.Curve(
          name: "\(fold.fold), moving average", values: fold.averageDice,
          style: Figures.style(index)),
      ]
    }
    let times = folds.map { index, fold in
      Figures.Curve(
        name: fold.fold,
        values: (0..<fold.epochCount).map { fold.seconds[$0] ?? .nan }, style: Figures.style(index))
    }
    var figures = [
      Figures.curves(
        title: "Loss by epoch, \(part.name)", yLabel: "loss", curves: losses,
        legend: colors + [("dash", "dashed: validation")]),
      Figures.curves(
        title: "Dice by epoch (validation patches), \(part.name)", yLabel: "Dice", curves: dice,
        legend: colors + [("faint", "faint: each epoch; strong: moving average")],
        range: -0.04...1.04),
    ]
    if part.folds.contains(where: { !$0.seconds.isEmpty }) {
      let longest = times.flatMap(\.values).filter(\.isFinite).max() ?? 1
      figures.append(
        Figures.curves(
          title: "Time by epoch, \(part.name)", yLabel: "seconds", curves: times, legend: colors,
          range: 0...(longest * 1.08)))
    }
    return figures
  }
}
