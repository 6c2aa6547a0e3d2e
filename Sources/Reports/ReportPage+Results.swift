import Arrays
import Evaluation
import Foundation
import HostSystem
import ModelSelection
import Plans

extension ReportPage {
  // MARK: - Selection

  /// The ranking, the choice and the postprocessing.
  var selection: String {
    var content = ""
    if let part = report.selection {
      content += HTML.text("h3", "Which model")
      if let choice = part.choice {
        content += HTML.text("p", ChoiceSentence(choice, part, results: report.results).text)
      } else {
        content += HTML.text(
          "p",
          "There is no choice yet: nnUNet_find_best_configuration compares the models and chooses."
        )
      }
      content += rankingTable(part)
      if let commands = part.commands {
        content +=
          HTML.text("h4", "How to predict")
          + HTML.element(
            "pre", HTML.text("code", commands), [("tabindex", "0"), ("aria-label", "Commands")])
      }
    }
    let decided = report.results.filter { $0.postprocessing != nil }
    if !decided.isEmpty {
      content += HTML.text("h3", "Postprocessing") + decided.map(postprocessing).joined()
    }
    return content
  }

  private func rankingTable(_ part: SelectionPart) -> String {
    let rows = part.rows.map { row in
      [
        row.name, NumberText.score(row.dice), NumberText.score(row.foldDeviation),
        row.pValue.map(NumberText.chance) ?? "best",
      ]
    }
    return plainTable(
      caption: "Mean foreground Dice of the validation cases, before postprocessing",
      header: ["model", "Dice", "± folds", "p (as good as the best)"], rows: rows)
  }

  private func postprocessing(_ set: EvaluatedSet) -> String {
    guard let decision = set.postprocessing else { return "" }
    let kept = decision.groups.map { group in
      switch group {
      case .label(let label): report.name(ofLabel: label)
      case .joint(let labels): labels.count > 1 ? "all labels together" : "the foreground"
      }
    }
    let text =
      kept.isEmpty
      ? "Nothing is removed: no removal improved the Dice."
      : "Only the largest component is kept of: \(kept.joined(separator: ", then "))."
    let rows = decision.rawDice.keys.sorted().map { label in
      [
        report.name(ofLabel: label), NumberText.score(decision.rawDice[label] ?? .nan),
        NumberText.score(decision.jointDice[label] ?? .nan),
        NumberText.score(decision.separateDice[label] ?? .nan),
      ]
    }
    return HTML.text("h4", set.name) + HTML.text("p", text)
      + (rows.isEmpty
        ? ""
        : plainTable(
          caption:
            "Dice by removed components, \(countText(decision.caseCount, "case")) (\(set.name))",
          header: ["label", "nothing", "foreground as one structure", "then each label"],
          rows: rows))
  }

  // MARK: - Results

  /// Means, plots and the table of all cases.
  var results: String {
    guard !report.results.isEmpty else { return "" }
    let remark = HTML.text(
      "p",
      "A model's Dice is the mean over the labels of their means over the cases. The mean over the cases"
        + " of their own means differs if a label is not in every case, and postprocessing"
        + " changes both.", [("class", "small")])
    return grid(resultFigures) + remark + report.results.map(labelTable).joined() + caseTables
  }

  private var resultFigures: [String] {
    let sets = report.results
    let labels = Array(Set(sets.flatMap(\.labels)).sorted())
    var boxes: [Figures.Box] = []
    for (series, set) in sets.enumerated() {
      for (group, label) in labels.enumerated() {
        boxes.append(
          .init(
            group: group, series: series,
            values: set.summary.cases.map { ($0.caseName, $0.labels[label]?[.dice] ?? .nan) }))
      }
    }
    let whole = Figures.boxes(
      title: "Dice by case, all models", yLabel: "Dice", groups: labels.map(report.name(ofLabel:)),
      series: sets.map(\.name), boxes: boxes)
    return [whole]
      + sets.map { set in
        Figures.scatter(
          title: "Dice by size, \(set.name)",
          series: set.labels.map { label in
            (
              report.name(ofLabel: label),
              set.summary.cases.map { scores in
                (
                  scores.caseName, scores.labels[label]?[.totalPositivesReference] ?? .nan,
                  scores.labels[label]?[.dice] ?? .nan
                )
              }
            )
          })
      }
  }

  /// The metrics of surfaces and others that a table shows, with their headings.
  private static let metrics: [(metric: Metric, title: String)] = [
    (.precision, "precision"), (.recall, "recall"), (.hausdorffDistance95, "HD95 mm"),
    (.averageSymmetricSurfaceDistance, "ASSD mm"), (.normalizedSurfaceDice, "NSD"),
  ]

  private func labelTable(_ set: EvaluatedSet) -> String {
    let metrics = Self.metrics.filter { entry in
      set.summary.means.values.contains { $0.values[entry.metric] != nil }
    }
    let rows = set.labels.map { label in
      let dice = set.summary.cases.compactMap { $0.labels[label]?[.dice] }.filter(\.isFinite)
        .sorted()
      let means = set.summary.means[label]
      return [
        report.name(ofLabel: label), "\(dice.count)", NumberText.score(means?[.dice] ?? .nan),
        NumberText.score(dice.isEmpty ? .nan : median(dice)),
        NumberText.score(dice.first ?? .nan),
        NumberText.score(set.postprocessed?.means[label]?[.dice] ?? .nan),
      ] + metrics.map { NumberText.short(means?[$0.metric] ?? .nan) }
    }
    return plainTable(
      caption: "Means of \(set.name)",
      header: ["label", "cases", "Dice", "median", "least", "Dice, postprocessed"]
        + metrics.map(\.title), rows: rows)
  }

  // MARK: - Cases

  private var caseTables: String {
    let choices = report.results.enumerated().map { index, set in
      HTML.text(
        "option", set.name,
        [("value", "table-\(index)")] + (set.name == report.shownSet ? [("selected", "")] : []))
    }
    let choice =
      report.results.count > 1
      ? HTML.element(
        "p",
        HTML.element(
          "label",
          "Results of " + HTML.element("select", choices.joined(), [("id", "table-choice")])))
      : ""
    let tables = report.results.enumerated().map { index, set in
      HTML.element(
        "div", caseTable(set), [("class", "cases"), ("id", "table-\(index)")])
    }
    return HTML.text("h3", "All cases")
      + HTML.text(
        "p", "Click a heading to sort by its column; click it again to reverse the order.")
      + choice + tables.joined()
  }

  private func caseTable(_ set: EvaluatedSet) -> String {
    let labels = set.labels
    let distances = Self.metrics.dropFirst(2).filter { entry in
      set.summary.cases.contains { $0.labels.values.contains { $0.values[entry.metric] != nil } }
    }
    let hasFolds = !set.folds.isEmpty
    let names = labels.map(report.name(ofLabel:))
    var titles = ["case"] + (hasFolds ? ["fold"] : []) + ["mean Dice"]
    titles += names.map { "Dice, \($0)" }
    for entry in distances { titles += names.map { "\(entry.title), \($0)" } }
    titles += names.map { "voxels, \($0)" }
    let rows = set.summary.cases.map { scores in
      let name = HTML.text("th", scores.caseName, [("scope", "row")])
      let fold = hasFolds ? HTML.text("td", set.folds[scores.caseName] ?? "–") : ""
      var cells = numberCell(scores.meanForegroundDice, NumberText.score)
      for label in labels { cells += numberCell(scores.labels[label]?[.dice], NumberText.score) }
      for entry in distances {
        for label in labels {
          cells += numberCell(scores.labels[label]?[entry.metric], NumberText.short)
        }
      }
      for label in labels {
        cells += numberCell(scores.labels[label]?[.totalPositivesReference]) {
          Int(exactly: $0).map(String.init) ?? "\($0)"
        }
      }
      return HTML.element("tr", name + fold + cells)
    }
    return sortableTable(caption: "Cases of \(set.name)", titles: titles, rows: rows)
  }

  /// A cell that is sorted by its value.
  private func numberCell(_ value: Double?, _ text: (Double) -> String) -> String {
    let value = value.flatMap { $0.isFinite ? $0 : nil }
    return HTML.text(
      "td", value.map(text) ?? "–",
      [("class", "number"), ("data-value", value.map { "\($0)" } ?? "")])
  }

  private func sortableTable(caption: String, titles: [String], rows: [String]) -> String {
    let head = titles.map { title in
      HTML.element(
        "th",
        HTML.element(
          "button",
          QuotedText.markup(title) + HTML.element("span", "", [("aria-hidden", "true")]),
          [("type", "button")]), [("scope", "col"), ("aria-sort", "none")])
    }
    return scrolling(
      caption,
      HTML.element(
        "table",
        HTML.text("caption", caption) + HTML.element("thead", HTML.element("tr", head.joined()))
          + HTML.element("tbody", rows.joined()), [("class", "sortable")]))
  }
}
