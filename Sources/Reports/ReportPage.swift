import Evaluation
package import Foundation
import HostSystem
import Plans

/// A report as one self-contained HTML file: it needs no network and no other files.
package struct ReportPage: Sendable {
  let report: Report

  package init(_ report: Report) { self.report = report }

  /// The file's content.
  package var html: String {
    let sections = sections
    let links = sections.map { section in
      HTML.text("a", section.title, [("href", "#\(section.anchor)")])
    }
    let parts = sections.map { section in
      HTML.element(
        "section",
        HTML.text("h2", section.title, [("id", "\(section.anchor)-title")]) + section.content,
        [("id", section.anchor), ("aria-labelledby", "\(section.anchor)-title")])
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <meta name="color-scheme" content="light dark">
      <title>\(QuotedText.markup(report.title)): nnU-Net report</title>
      <style>\(Self.resource(PackageResources.report_css))</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the content</a>
      <header>
      <p class="kind">nnU-Net report, \(QuotedText.markup(report.kind))</p>
      <h1>\(QuotedText.markup(report.title))</h1>
      <nav aria-label="Sections">\(links.joined())</nav>
      <button type="button" id="theme" aria-pressed="false">Dark</button>
      </header>
      <main id="main">
      \(parts.joined(separator: "\n"))
      </main>
      <script>\(Self.resource(PackageResources.report_js))</script>
      </body>
      </html>

      """
  }

  /// The file's bytes.
  package var data: Data { Data(html.utf8) }

  private static func resource(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// A part of the page with its own heading.
  struct Section {
    var title: String
    var anchor: String
    var content: String
  }

  private var sections: [Section] {
    [
      Section(title: "Overview", anchor: "overview", content: overview),
      Section(title: "Fingerprint", anchor: "fingerprint", content: fingerprint),
      Section(title: "Plans", anchor: "plans", content: plans),
      Section(title: "Training", anchor: "training", content: trainings),
      Section(title: "Selection", anchor: "selection", content: selection),
      Section(title: "Results", anchor: "results", content: results),
      Section(title: "Worst cases", anchor: "cases", content: cases),
    ].filter { !$0.content.isEmpty }
  }

  // MARK: - Overview

  private var overview: String {
    var content = factList(report.facts)
    let tiles = headline
    if !tiles.isEmpty { content = tiles + content }
    if !report.notes.isEmpty {
      let items = report.notes.map { HTML.text("li", $0) }.joined()
      content += HTML.element(
        "div", HTML.text("h3", "Not shown") + HTML.element("ul", items), [("class", "note")])
    }
    return content
  }

  /// The most important numbers.
  private var headline: String {
    var tiles: [(String, String)] = []
    if let best = report.selection?.rows.first(where: \.isBest) {
      tiles.append((NumberText.score(best.dice), "mean Dice of \(best.name), the best"))
    } else if let set = report.results.first {
      tiles.append((NumberText.score(set.summary.meanForegroundDice), "mean foreground Dice"))
    }
    if let set = report.results.first {
      tiles.append(("\(set.summary.cases.count)", "evaluated cases"))
    }
    let folds = report.trainings.flatMap(\.folds)
    if !folds.isEmpty {
      tiles.append(
        ("\(folds.filter(\.isFinished).count) of \(expectedTrainings)", "trainings finished"))
    }
    if let worst = report.pictures.first {
      tiles.append((NumberText.score(worst.dice), "worst case, \(worst.name)"))
    }
    guard !tiles.isEmpty else { return "" }
    let items = tiles.map { value, name in
      HTML.element("li", HTML.text("strong", value) + HTML.text("span", name))
    }
    return HTML.element("ul", items.joined(), [("class", "tiles")])
  }

  /// The folds of the models on this page if all are trained.
  private var expectedTrainings: Int {
    report.trainings.reduce(0) { count, part in
      // A model that is trained on all cases has only that fold.
      let isOfAll = part.folds.allSatisfy { $0.fold == "all" }
      return count + max(part.folds.count, isOfAll ? 1 : report.foldCount)
    }
  }

  func factList(_ facts: [Report.Fact]) -> String {
    guard !facts.isEmpty else { return "" }
    let items = facts.map { fact in
      HTML.element("div", HTML.text("dt", fact.name) + HTML.text("dd", fact.value))
    }
    return HTML.element("dl", items.joined())
  }

  // MARK: - Fingerprint and plans

  private var fingerprint: String {
    guard let part = report.fingerprint else { return "" }
    let data = part.fingerprint
    let axes = ["z (slices)", "y", "x"]
    var figures: [String] = []
    for axis in 0..<3 {
      figures.append(
        Figures.histogram(
          title: "Size, \(axes[axis])", xLabel: "voxels after cropping",
          values: data.sizes.map { Double($0[axis]) }, isWhole: true))
    }
    for axis in 0..<3 {
      figures.append(
        Figures.histogram(
          title: "Spacing, \(axes[axis])", xLabel: "mm", values: data.spacings.map { $0[axis] }
        ))
    }
    for (channel, ranges) in part.intensities.sorted(by: { $0.key < $1.key }) {
      let name = data.channelNames[channel] ?? "channel \(channel)"
      figures.append(
        Figures.ranges(
          title: "Intensity, channel \(channel) (\(name))", yLabel: "intensity", ranges: ranges))
    }
    figures.append(
      Figures.histogram(
        title: "Part kept by cropping, all axes", xLabel: "part of the voxels",
        values: Array(data.sizeReductions.values)))
    var text = "\(countText(data.sizes.count, "case"))."
    text +=
      part.intensities.isEmpty
      ? " Intensities are not shown: the plans hold none (only CT has them) and the raw images are"
        + " not there."
      : " Intensities \(part.source)."
    text +=
      " Sizes are those of the cropped images; the plans' median case is their median at the target"
      + " spacing, in whole voxels."
    return HTML.text("p", text) + grid(figures) + intensityTable(data.intensities)
  }

  private func intensityTable(_ intensities: [Int: IntensityStatistics]?) -> String {
    guard let intensities, !intensities.isEmpty else { return "" }
    let rows = intensities.sorted { $0.key < $1.key }.map { channel, values in
      ["\(channel)"]
        + [
          values.mean, values.standardDeviation, values.median, values.percentile0p5,
          values.percentile99p5, values.minimum, values.maximum,
        ].map(NumberText.short)
    }
    return plainTable(
      caption: "Intensities of the foreground over all cases",
      header: ["channel", "mean", "sd", "median", "0.5 %", "99.5 %", "min", "max"], rows: rows)
  }

  private var plans: String {
    report.plans.map { part in
      let reasons = part.reasons.map { group in
        HTML.text("h4", group.title == "all" ? "All configurations" : group.title)
          + HTML.element("ul", group.reasons.map { HTML.text("li", $0) }.joined())
      }
      return HTML.text("h3", part.name)
        + plainTable(
          caption: "The plans", header: part.rows.first ?? [],
          rows: Array(part.rows.dropFirst()))
        + HTML.element("div", reasons.joined(), [("class", "reasons")])
    }.joined()
  }

  func grid(_ figures: [String]) -> String {
    let shown = figures.filter { !$0.isEmpty }
    return shown.isEmpty ? "" : HTML.element("div", shown.joined(), [("class", "plots")])
  }

  /// A table whose first column names the rows.
  func plainTable(caption: String, header: [String], rows: [[String]]) -> String {
    let head = header.map { HTML.text("th", $0, [("scope", "col")]) }.joined()
    let body = rows.map { row in
      let cells = row.enumerated().map { index, cell in
        index == 0 ? HTML.text("th", cell, [("scope", "row")]) : HTML.text("td", cell)
      }
      return HTML.element("tr", cells.joined())
    }
    return scrolling(
      caption,
      HTML.element(
        "table",
        HTML.text("caption", caption) + HTML.element("thead", HTML.element("tr", head))
          + HTML.element("tbody", body.joined())))
  }

  /// A frame in which a wide table scrolls, also with keys.
  func scrolling(_ name: String, _ table: String) -> String {
    HTML.element(
      "div", table,
      [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", name)])
  }
}
