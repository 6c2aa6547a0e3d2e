import Arrays
import Charts
import Foundation
import HostSystem

/// The kinds of plots in a report, from numbers to a figure.
enum Figures {
  /// The number of series with their own color.
  static let styleCount = 16

  static func style(_ index: Int) -> String { "s\(index % styleCount)" }

  /// A histogram; whole numbers get bars around them.
  static func histogram(
    title: String, xLabel: String, values: [Double], isWhole: Bool = false
  ) -> String {
    let values = values.filter(\.isFinite).sorted()
    guard let low = values.first, let high = values.last else { return "" }
    let bins = Bins(low: low, high: high, count: values.count, isWhole: isWhole)
    let counts = bins.counts(of: values)
    let median = median(values)
    var plot = Plot(
      title: title,
      summary:
        "\(countText(values.count, "value")) from \(NumberText.short(low)) to \(NumberText.short(high)),"
        + " median \(NumberText.short(median))",
      xLabel: xLabel, yLabel: "cases", x: Axis(lower: bins.edges[0], upper: bins.edges.last ?? 1),
      y: Axis(lower: 0, upper: Double(counts.max() ?? 1) * 1.08))
    plot.countsOnX = isWhole
    plot.countsOnY = true
    let bars = counts.enumerated().map { index, count in
      let range =
        "\(NumberText.short(bins.edges[index])) to \(NumberText.short(bins.edges[index + 1]))"
      return plot.bar(
        bins.edges[index], bins.edges[index + 1], 0, Double(count), "bar s0",
        says: "\(range): \(count)")
    }
    let mark = plot.line(plot.px(median), plot.py(0), plot.px(median), 12, "median")
    plot.legend = [("s0", "cases"), ("median", "median \(NumberText.short(median))")]
    return plot.figure(bars.joined() + mark)
  }

  /// Equal intervals over a range.
  struct Bins {
    var edges: [Double]

    init(low: Double, high: Double, count: Int, isWhole: Bool) {
      let wanted = min(max(Int(trusted: Double(count).squareRoot() * 1.5), 5), 24)
      if isWhole {
        let step = max(1, ((high - low + 1) / Double(wanted)).rounded(.up))
        let bars = Int(nearest: ((high - low + 1) / step).rounded(.up), within: 1...24) ?? 1
        edges = (0...bars).map { low - 0.5 + Double($0) * step }
      } else if high > low {
        edges = (0...wanted).map { low + (high - low) * Double($0) / Double(wanted) }
      } else {
        let room = max(abs(low) * 0.05, 0.05)
        edges = (0...5).map { low - room + 2 * room * Double($0) / 5 }
      }
    }

    func counts(of values: [Double]) -> [Int] {
      var counts = Array(repeating: 0, count: edges.count - 1)
      let width = edges[1] - edges[0]
      for value in values {
        let place = ((value - edges[0]) / width).rounded(.down)
        guard let index = Int(nearest: place, within: 0...counts.count - 1) else { continue }
        counts[index] += 1
      }
      return counts
    }
  }

  /// The range of each case as a line with its median as a dot.
  static func ranges(
    title: String, yLabel: String, ranges: [FingerprintPart.IntensityRange]
  ) -> String {
    guard !ranges.isEmpty else { return "" }
    let values = ranges.flatMap { [$0.low, $0.high] }
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    // Intensities without a unit may differ by orders of magnitude between scanners.
    let axis =
      least > 0 && most / least > 300
      ? Axis(lower: least / 1.5, upper: most * 1.5, scale: .logarithmic) : Axis(showing: values)
    let plot = Plot(
      title: title,
      summary:
        "\(countText(ranges.count, "case")), medians from \(NumberText.short(ranges[0].median)) to"
        + " \(NumberText.short(ranges[ranges.count - 1].median))",
      xLabel: "cases, sorted by their median",
      yLabel: axis.scale == .linear ? yLabel : "\(yLabel) (logarithmic)",
      x: Axis(lower: 0, upper: Double(ranges.count) + 1), y: axis)
    var framed = plot
    framed.xMarks = []
    framed.legend = [
      ("s0", "0.5 % to 99.5 % of the foreground's voxels"), ("s1", "median"),
    ]
    let shapes = ranges.enumerated().map { index, range in
      let x = Double(index + 1)
      return framed.line(
        framed.px(x), framed.py(range.low), framed.px(x), framed.py(range.high), "stem s0")
        + framed.dot(
          x, range.median, "dot s1", radius: ranges.count > 60 ? 1.6 : 2.6,
          says: "\(range.name): \(NumberText.short(range.low)), median"
            + " \(NumberText.short(range.median)), \(NumberText.short(range.high))")
    }
    return framed.figure(shapes.joined())
  }

  /// A curve of a chart.
  struct Curve {
    var name: String
    var values: [Double]
    /// The class of its color and its style: `thin`, `dashed`.
    var style: String
  }

  /// Curves over the epochs.
  static func curves(
    title: String, yLabel: String, curves: [Curve], legend: [(style: String, name: String)],
    range: ClosedRange<Double>? = nil
  ) -> String {
    let count = curves.map(\.values.count).max() ?? 0
    guard count > 0 else { return "" }
    let values = curves.flatMap(\.values)
    var plot = Plot(
      title: title,
      summary: "\(countText(curves.count, "curve")) over \(countText(count, "epoch")), from"
        + " \(NumberText.short(values.filter(\.isFinite).min() ?? .nan)) to"
        + " \(NumberText.short(values.filter(\.isFinite).max() ?? .nan))",
      xLabel: "epoch", yLabel: yLabel,
      x: Axis(lower: 0, upper: Double(max(count - 1, 1))),
      y: range.map { Axis(lower: $0.lowerBound, upper: $0.upperBound) } ?? Axis(showing: values))
    plot.countsOnX = true
    plot.legend = legend
    let paths = curves.map { curve in
      plot.curve(
        curve.values.enumerated().map { (Double($0), $1) }, curve.style, says: curve.name)
    }
    return plot.figure(paths.joined())
  }

  /// The values of one series within a group.
  struct Box {
    var group: Int
    var series: Int
    var values: [(name: String, value: Double)]
  }

  /// Quartiles as boxes, the rest as whiskers, and every value as a dot.
  static func boxes(
    title: String, yLabel: String, groups: [String], series: [String], boxes: [Box]
  ) -> String {
    let all = boxes.flatMap { $0.values.map(\.value) }.filter(\.isFinite)
    guard let least = all.min() else { return "" }
    var plot = Plot(
      title: title,
      summary: "\(series.joined(separator: ", ")) for \(groups.joined(separator: ", "));"
        + " the least is \(NumberText.short(least))",
      xLabel: "", yLabel: yLabel, x: Axis(lower: -0.5, upper: Double(groups.count) - 0.5),
      y: Axis(lower: 0, upper: 1.04))
    plot.xMarks = groups.enumerated().map { .init(value: Double($0), name: $1) }
    if groups.count * series.count > 9 { plot.width = 900 }
    plot.legend = series.enumerated().map { (style($0), $1) }
    let room = 0.8 / Double(max(series.count, 1))
    let shapes = boxes.map { box in
      let centre = Double(box.group) - 0.4 + room * (Double(box.series) + 0.5)
      return shape(of: box, in: plot, at: centre, width: min(room * 0.7, 0.3))
    }
    return plot.figure(shapes.joined())
  }

  private static func shape(of box: Box, in plot: Plot, at x: Double, width: Double) -> String {
    let sorted = box.values.filter { $0.value.isFinite }.sorted { $0.value < $1.value }
    guard !sorted.isEmpty else { return "" }
    func quantile(_ part: Double) -> Double {
      let position = part * Double(sorted.count - 1)
      let low = Int(trusted: position)
      let high = min(low + 1, sorted.count - 1)
      let share = position - Double(low)
      return sorted[low].value * (1 - share) + sorted[high].value * share
    }
    let style = style(box.series)
    let (lower, middle, upper) = (quantile(0.25), quantile(0.5), quantile(0.75))
    let dots = sorted.enumerated().map { index, entry in
      // Spread to the sides in a fixed pattern, so that equal values remain visible.
      let shift = (Double((index * 7) % 11) / 10 - 0.5) * width
      return plot.dot(
        x + shift, entry.value, "dot faint \(style)", radius: 2.2,
        says: "\(entry.name): \(NumberText.score(entry.value))")
    }
    let whisker = plot.line(
      plot.px(x), plot.py(sorted[0].value), plot.px(x), plot.py(sorted[sorted.count - 1].value),
      "stem \(style)")
    let note =
      "median \(NumberText.score(middle)), quartiles \(NumberText.score(lower)) and"
      + " \(NumberText.score(upper))"
    return whisker
      + plot.bar(x - width / 2, x + width / 2, lower, upper, "box \(style)", says: note)
      + plot.line(
        plot.px(x - width / 2), plot.py(middle), plot.px(x + width / 2), plot.py(middle),
        "stem strong \(style)") + dots.joined()
  }

  /// A value against the voxels of the reference, by label.
  static func scatter(
    title: String, series: [(name: String, points: [(name: String, x: Double, y: Double)])]
  ) -> String {
    let points = series.flatMap(\.points).filter { $0.x > 0 && $0.y.isFinite }
    guard let low = points.map(\.x).min(), let high = points.map(\.x).max() else { return "" }
    var plot = Plot(
      title: title,
      summary:
        "\(countText(points.count, "structure")) of \(NumberText.short(low)) to \(NumberText.short(high)) voxels",
      xLabel: "voxels of the reference", yLabel: "Dice",
      x: Axis(lower: low / 1.3, upper: max(high, low * 2) * 1.3, scale: .logarithmic),
      y: Axis(lower: 0, upper: 1.04))
    plot.xMarks = marks(between: plot.x.lower, and: plot.x.upper)
    plot.legend = series.enumerated().map { (style($0), $1.name) }
    let dots = series.enumerated().flatMap { index, entry in
      entry.points.filter { $0.x > 0 && $0.y.isFinite }.map { point in
        plot.dot(
          point.x, point.y, "dot \(style(index))",
          says: "\(point.name), \(entry.name): \(NumberText.score(point.y)),"
            + " \(NumberText.short(point.x)) voxels")
      }
    }
    return plot.figure(dots.joined())
  }

  /// Round values of a logarithmic axis: powers of ten, with their doubles and fives if it is
  /// short.
  private static func marks(between low: Double, and high: Double) -> [Plot.Mark] {
    let (first, last) = (log10(low).rounded(.down), log10(high).rounded(.up))
    guard last - first < 100 else { return [] }
    let powers = stride(from: first, through: last, by: 1)
    let factors: [Double] = high / low > 300 ? [1] : high / low > 30 ? [1, 3] : [1, 2, 5]
    return powers.flatMap { power in factors.map { $0 * pow(10, power) } }
      .filter { low...high ~= $0 }.map { .init(value: $0, name: String(format: "%.0f", $0)) }
  }
}
