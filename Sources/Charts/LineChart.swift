package import Foundation

/// Curves over a common horizontal axis; those on the right have their own axis.
package struct LineChart: Hashable, Sendable {
  /// One curve.
  ///
  /// Points that are not finite are gaps.
  package struct Curve: Hashable, Sendable {
    package var label: String
    package var x: [Double]
    package var y: [Double]
    package var color: Color
    package var isDashed = false
    package var lineWidth = 2.5
    package var usesRightAxis = false

    package init(
      label: String, x: [Double], y: [Double], color: Color, isDashed: Bool = false,
      lineWidth: Double = 2.5, usesRightAxis: Bool = false
    ) {
      precondition(x.count == y.count)
      self.label = label
      self.x = x
      self.y = y
      self.color = color
      self.isDashed = isDashed
      self.lineWidth = lineWidth
      self.usesRightAxis = usesRightAxis
    }
  }

  package var title: String
  package var xLabel: String
  package var leftLabel: String
  package var rightLabel: String?
  package var curves: [Curve]
  /// Whether the horizontal axis is logarithmic.
  package var isLogarithmic = false
  /// Whether the marks of the horizontal axis are whole numbers.
  package var countsOnX = false
  /// The range of the right axis; nil for that of its curves.
  package var rightRange: ClosedRange<Double>?
  /// Vertical lines with their names.
  package var marks: [String: Double] = [:]
  package var width = 1500.0
  package var height = 1200.0

  package init(
    title: String, xLabel: String, leftLabel: String, rightLabel: String? = nil, curves: [Curve]
  ) {
    self.title = title
    self.xLabel = xLabel
    self.leftLabel = leftLabel
    self.rightLabel = rightLabel
    self.curves = curves
  }

  /// The chart as a PNG file.
  package func png() throws(ChartError) -> Data {
    let canvas = try Canvas(width: width, height: height, format: .png)
    LineChartDrawing(chart: self, canvas: canvas).draw()
    return try canvas.finish()
  }
}

/// A chart while it is being drawn.
private struct LineChartDrawing {
  let chart: LineChart
  let canvas: Canvas
  let xAxis: Axis
  let leftAxis: Axis
  let rightAxis: Axis
  private let margins = (left: 130.0, right: 130.0, top: 90.0, bottom: 190.0)
  private let textSize = 26.0

  init(chart: LineChart, canvas: Canvas) {
    self.chart = chart
    self.canvas = canvas
    let x = chart.curves.flatMap(\.x).filter(\.isFinite)
    let (low, high) = (x.min() ?? 0, x.max() ?? 1)
    if chart.isLogarithmic && low > 0 && high > low {
      xAxis = Axis(lower: low, upper: high, scale: .logarithmic)
    } else {
      xAxis = high > low ? Axis(lower: low, upper: high) : Axis(lower: low - 1, upper: low + 1)
    }
    leftAxis = Axis(showing: chart.curves.filter { !$0.usesRightAxis }.flatMap(\.y))
    let right = chart.curves.filter(\.usesRightAxis).flatMap(\.y)
    rightAxis =
      chart.rightRange.map { Axis(lower: $0.lowerBound, upper: $0.upperBound) }
      ?? Axis(showing: right)
  }

  private var plotWidth: Double { chart.width - margins.left - margins.right }
  private var plotHeight: Double { chart.height - margins.top - margins.bottom }
  private var plotBottom: Double { chart.height - margins.bottom }
  private var plotRight: Double { chart.width - margins.right }

  private func x(_ value: Double) -> Double {
    margins.left + plotWidth * xAxis.position(of: value)
  }

  private func y(_ value: Double, _ axis: Axis) -> Double {
    plotBottom - plotHeight * axis.position(of: value)
  }

  func draw() {
    canvas.text(
      chart.title, at: (chart.width / 2, 55), size: 30, anchor: .middle, isBold: true)
    drawXAxis()
    drawLeftAxis()
    if chart.rightLabel != nil { drawRightAxis() }
    canvas.clip(margins.left - 8, margins.top - 8, plotWidth + 16, plotHeight + 16) {
      drawMarks()
      for curve in chart.curves { draw(curve) }
    }
    canvas.frame(margins.left, margins.top, plotWidth, plotHeight, .gray, lineWidth: 2)
    drawLegend()
  }

  private func drawXAxis() {
    let ticks = xAxis.ticks(about: 10, integersOnly: chart.countsOnX)
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    for tick in ticks {
      canvas.line([(x(tick), margins.top), (x(tick), plotBottom)], .paleGray)
      canvas.text(
        xAxis.label(of: tick, step: step), at: (x(tick), plotBottom + 36), size: textSize,
        anchor: .middle)
    }
    canvas.text(
      chart.xLabel, at: (chart.width / 2, plotBottom + 78), size: textSize, anchor: .middle)
  }

  private func drawLeftAxis() {
    let ticks = leftAxis.ticks(about: 10)
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    for tick in ticks {
      let height = y(tick, leftAxis)
      canvas.line([(margins.left, height), (plotRight, height)], .paleGray)
      canvas.text(
        leftAxis.label(of: tick, step: step), at: (margins.left - 12, height + 9), size: textSize,
        anchor: .end)
    }
    canvas.text(
      chart.leftLabel, at: (38, margins.top + plotHeight / 2), size: textSize, anchor: .middle,
      readsUpwards: true)
  }

  private func drawRightAxis() {
    let ticks = rightAxis.ticks(about: 10)
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    for tick in ticks {
      let height = y(tick, rightAxis)
      canvas.line([(plotRight - 10, height), (plotRight, height)], .gray, lineWidth: 2)
      canvas.text(
        rightAxis.label(of: tick, step: step), at: (plotRight + 12, height + 9), size: textSize)
    }
    canvas.text(
      chart.rightLabel ?? "", at: (chart.width - 20, margins.top + plotHeight / 2),
      size: textSize, anchor: .middle, readsUpwards: true)
  }

  private func drawMarks() {
    for (name, value) in chart.marks.sorted(by: { $0.value < $1.value }) {
      canvas.line(
        [(x(value), margins.top), (x(value), plotBottom)], .gray, lineWidth: 2, dash: [4, 6])
      canvas.text(
        name, at: (x(value) - 10, margins.top + 20), size: 22, .gray, anchor: .end,
        readsUpwards: true)
    }
  }

  private func draw(_ curve: LineChart.Curve) {
    let axis = curve.usesRightAxis ? rightAxis : leftAxis
    var run: [Canvas.Point] = []
    func finish() {
      canvas.line(
        run, curve.color, lineWidth: curve.lineWidth, dash: curve.isDashed ? [12, 8] : [])
      // A few points are drawn one by one; a single one would otherwise be invisible.
      if run.count == 1 || curve.x.count <= 40 {
        for point in run { canvas.dot(point, radius: curve.lineWidth + 2, curve.color) }
      }
      run = []
    }
    for (abscissa, ordinate) in zip(curve.x, curve.y) {
      if abscissa.isFinite && ordinate.isFinite {
        run.append((x(abscissa), y(ordinate, axis)))
      } else {
        finish()
      }
    }
    finish()
  }

  /// The names of the curves, side by side below the chart, in as many rows as necessary.
  private func drawLegend() {
    let (sample, gap) = (60.0, 44.0)
    let entries = chart.curves.map {
      (curve: $0, width: canvas.width(of: $0.label, size: textSize) + sample + 14)
    }
    var rows: [[(curve: LineChart.Curve, width: Double)]] = []
    var room = 0.0
    for entry in entries {
      if rows.isEmpty || room < entry.width + gap {
        rows.append([])
        room = chart.width - 40
      }
      rows[rows.count - 1].append(entry)
      room -= entry.width + gap
    }
    for (index, row) in rows.enumerated() {
      let width = row.reduce(-gap) { $0 + $1.width + gap }
      drawLegend(
        row, from: (chart.width - width) / 2, gap: gap, sample: sample,
        base: chart.height - 24 - 42 * Double(rows.count - 1 - index))
    }
  }

  private func drawLegend(
    _ row: [(curve: LineChart.Curve, width: Double)], from start: Double, gap: Double,
    sample: Double, base: Double
  ) {
    var left = start
    for (curve, width) in row {
      canvas.line(
        [(left, base - 9), (left + sample, base - 9)], curve.color,
        lineWidth: curve.lineWidth + 1, dash: curve.isDashed ? [12, 8] : [])
      canvas.text(curve.label, at: (left + sample + 14, base), size: textSize)
      left += width + gap
    }
  }
}
