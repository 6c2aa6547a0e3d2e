import Foundation

/// Numbers in a readable form.
package enum NumberText {
  /// Four digits after the point, as usual for Dice; a dash if it is not defined.
  package static func score(_ value: Double) -> String {
    value.isFinite ? String(format: "%.4f", value) : "–"
  }

  /// About four significant digits, without zeros at the end.
  package static func short(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let magnitude = abs(value)
    if magnitude >= 1e6 || (magnitude > 0 && magnitude < 1e-3) {
      return String(format: "%.3g", value)
    }
    let digits = magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : 3
    var text = String(format: "%.\(digits)f", value)
    if text.holds(".") {
      while text.ends(with: "0") { text.removeLast() }
      if text.ends(with: ".") { text.removeLast() }
    }
    return text == "-0" ? "0" : text
  }

  /// Numbers of several axes, such as `3.6×1.25×1.25`.
  package static func short(_ values: [Double]) -> String {
    values.map(short).joined(separator: "×")
  }

  /// A probability: `0.012`, `< 0.001`.
  package static func chance(_ value: Double) -> String {
    guard value.isFinite else { return "equal" }
    return value < 0.001 ? "< 0.001" : String(format: "%.3f", value)
  }

  /// A large count in groups of three digits: `5 602 944`, with non-breaking spaces.
  package static func grouped(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    let groups = stride(from: digits.count, to: 0, by: -3).reversed().map { end in
      String(digits[max(end - 3, 0)..<end])
    }
    return (count < 0 ? "-" : "") + groups.joined(separator: "\u{A0}")
  }
}
