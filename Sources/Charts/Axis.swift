import Foundation
import HostSystem

/// The range of values along one side of a chart, and the positions of its marks.
package struct Axis: Hashable, Sendable {
  /// Whether equal distances are equal differences or equal ratios.
  package enum Scale: Hashable, Sendable { case linear, logarithmic }

  package var lower: Double
  package var upper: Double
  package var scale = Scale.linear

  package init(lower: Double, upper: Double, scale: Scale = .linear) {
    self.lower = lower
    self.upper = upper
    self.scale = scale
  }

  /// The axis that shows all finite values, with a little room; for a single value, a range around
  /// it.
  package init(showing values: [Double], margin: Double = 0.04) {
    let finite = values.filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    let room = high > low ? (high - low) * margin : max(abs(high) * 0.1, 0.5)
    self.init(lower: low - room, upper: high + room)
  }

  /// The position of a value, 0 at the lower end and 1 at the upper end.
  package func position(of value: Double) -> Double {
    switch scale {
    case .linear: (value - lower) / (upper - lower)
    case .logarithmic: log(value / lower) / log(upper / lower)
    }
  }

  /// Round values within the range, about `count` of them.
  package func ticks(about count: Int, integersOnly: Bool = false) -> [Double] {
    guard scale == .linear else { return powersOfTen }
    let rough = (upper - lower) / Double(count)
    let power = pow(10, floor(log10(rough)))
    var step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
    if integersOnly { step = max(step, 1) }
    return Self.whole(from: (lower / step).rounded(.up), to: (upper / step).rounded(.down))
      .map { $0 * step }
  }

  private var powersOfTen: [Double] {
    Self.whole(
      from: (log10(lower) - 1e-9).rounded(.up), to: (log10(upper) + 1e-9).rounded(.down)
    ).map { pow(10, $0) }
  }

  /// The whole numbers of a range; none if the range cannot be shown.
  private static func whole(from first: Double, to last: Double) -> [Double] {
    guard last - first >= 0, last - first < 1000 else { return [] }
    return Array(stride(from: first, through: last, by: 1))
  }

  /// The text of a mark: as many digits as the distance of the marks needs.
  package func label(of tick: Double, step: Double) -> String {
    guard scale == .linear else { return String(format: "1e%.0f", log10(tick).rounded() + 0) }
    let digits = Int(nearest: (-log10(step) + 0.999).rounded(.down), within: 0...17) ?? 0
    let text = String(format: "%.\(digits)f", tick)
    // Steps of 0.2 add up to -0.04e-15 instead of 0.
    return Double(text) == 0 ? String(text.drop { $0 == "-" }) : text
  }
}
