import Charts
import Foundation
import HostSystem

/// The frame of a plot as inline SVG: axes, grid and marks; its content uses its coordinates.
///
/// Colors are classes of the style sheet (`s0` to `s15` for series), so that the page handles light
/// and dark.
struct Plot {
  /// Marks with names instead of numbers.
  struct Mark: Hashable {
    var value: Double
    var name: String
  }

  var title: String
  /// The content of the picture, in a sentence for those who cannot see it.
  var summary: String
  var xLabel: String
  var yLabel: String
  var x: Axis
  var y: Axis
  var xMarks: [Mark]?
  var countsOnX = false
  var countsOnY = false
  var width = 440.0
  var height = 280.0
  /// Lines of the legend: class and name.
  var legend: [(style: String, name: String)] = []

  private let left = 58.0
  private let right = 14.0
  private let top = 12.0
  private let bottom = 46.0

  init(
    title: String, summary: String, xLabel: String, yLabel: String, x: Axis, y: Axis
  ) {
    self.title = title
    self.summary = summary
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.x = x
    self.y = y
  }

  func px(_ value: Double) -> Double { left + x.position(of: value) * (width - left - right) }

  func py(_ value: Double) -> Double {
    height - bottom - y.position(of: value) * (height - top - bottom)
  }

  /// The figure around a body of SVG.
  func figure(_ body: String) -> String {
    let svg = HTML.element(
      "svg", HTML.text("title", "\(title): \(summary)") + grid + body + labels,
      [
        ("viewBox", "0 0 \(HTML.coordinate(width)) \(HTML.coordinate(height))"), ("role", "img"),
        ("aria-label", "\(title): \(summary)"),
      ])
    return HTML.element(
      "figure", HTML.text("figcaption", title) + svg + legendList, [("class", "plot")])
  }

  private var legendList: String {
    guard !legend.isEmpty else { return "" }
    let items = legend.map { entry in
      HTML.element(
        "li",
        HTML.element("span", "", [("class", "key \(entry.style)")]) + QuotedText.markup(entry.name)
      )
    }
    return HTML.element("ul", items.joined(), [("class", "legend")])
  }

  private var grid: String {
    var parts: [String] = []
    let yTicks = y.ticks(about: 5, integersOnly: countsOnY)
    for tick in yTicks {
      parts.append(line(left, py(tick), width - right, py(tick), "grid"))
      let step = yTicks.count > 1 ? yTicks[1] - yTicks[0] : 1
      parts.append(
        text(y.label(of: tick, step: step), left - 6, py(tick) + 4, "tick end"))
    }
    for mark in marks {
      parts.append(
        line(px(mark.value), height - bottom, px(mark.value), height - bottom + 4, "axis"))
      parts.append(text(mark.name, px(mark.value), height - bottom + 17, "tick middle"))
    }
    parts.append(line(left, height - bottom, width - right, height - bottom, "axis"))
    return parts.joined()
  }

  private var marks: [Mark] {
    if let xMarks { return xMarks }
    let ticks = x.ticks(about: 6, integersOnly: countsOnX)
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    return ticks.map { Mark(value: $0, name: x.label(of: $0, step: step)) }
  }

  private var labels: String {
    let middle = (top + height - bottom) / 2
    return text(xLabel, (left + width - right) / 2, height - 8, "name middle")
      + HTML.text(
        "text", yLabel,
        [
          ("class", "name middle"),
          ("transform", "translate(14 \(HTML.coordinate(middle))) rotate(-90)"),
        ])
  }

  // MARK: - Shapes

  func line(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ style: String) -> String {
    HTML.empty(
      "line",
      [
        ("class", style), ("x1", HTML.coordinate(x0)), ("y1", HTML.coordinate(y0)),
        ("x2", HTML.coordinate(x1)), ("y2", HTML.coordinate(y1)),
      ])
  }

  func text(_ string: String, _ x: Double, _ y: Double, _ style: String) -> String {
    HTML.text(
      "text", string,
      [("class", style), ("x", HTML.coordinate(x)), ("y", HTML.coordinate(y))])
  }

  /// A dot with an explanation that appears under the pointer.
  func dot(_ x: Double, _ y: Double, _ style: String, radius: Double = 3, says note: String)
    -> String
  {
    HTML.element(
      "circle", HTML.text("title", note),
      [
        ("class", style), ("cx", HTML.coordinate(px(x))), ("cy", HTML.coordinate(py(y))),
        ("r", HTML.coordinate(radius)),
      ])
  }

  /// A rectangle between two values of each axis.
  func bar(
    _ x0: Double, _ x1: Double, _ y0: Double, _ y1: Double, _ style: String, says note: String
  ) -> String {
    HTML.element(
      "rect", HTML.text("title", note),
      [
        ("class", style), ("x", HTML.coordinate(px(x0))),
        ("y", HTML.coordinate(min(py(y0), py(y1)))),
        ("width", HTML.coordinate(max(px(x1) - px(x0), 0.5))),
        ("height", HTML.coordinate(abs(py(y1) - py(y0)))),
      ])
  }

  /// A curve through points; NaN values are gaps.
  func curve(_ points: [(x: Double, y: Double)], _ style: String, says note: String) -> String {
    let pieces = points.split { !($0.x.isFinite && $0.y.isFinite) }
    let path = pieces.map { piece in
      piece.enumerated().map { index, point in
        (index == 0 ? "M" : "L") + HTML.coordinate(px(point.x)) + " "
          + HTML.coordinate(py(point.y))
      }.joined()
    }.joined()
    // A curve of one epoch has no visible length.
    let dots = pieces.filter { $0.count == 1 }.compactMap(\.first).map { point in
      dot(
        point.x, point.y, "dot \(style)", radius: 3.5, says: "\(note): \(NumberText.short(point.y))"
      )
    }
    return HTML.element(
      "path", HTML.text("title", note), [("class", "curve \(style)"), ("d", path)])
      + dots.joined()
  }
}
