import Foundation
import HostSystem

/// Pieces of HTML and SVG as text; what goes into them is escaped.
enum HTML {
  /// An element with text.
  static func text(_ tag: String, _ text: String, _ attributes: [(String, String)] = []) -> String {
    element(tag, QuotedText.markup(text), attributes)
  }

  /// An element with elements.
  static func element(
    _ tag: String, _ content: String, _ attributes: [(String, String)] = []
  ) -> String {
    "<\(tag)\(list(attributes))>\(content)</\(tag)>"
  }

  /// An SVG element without content.
  static func empty(_ tag: String, _ attributes: [(String, String)]) -> String {
    "<\(tag)\(list(attributes))/>"
  }

  private static func list(_ attributes: [(String, String)]) -> String {
    attributes.map { " \($0.0)=\"\(QuotedText.markup($0.1))\"" }.joined()
  }

  /// A coordinate with one digit behind the point.
  static func coordinate(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard let whole = Int(exactly: tenths) else { return "0" }
    return whole % 10 == 0
      ? "\(whole / 10)" : "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
  }
}

/// Numbers as readers want them.
enum NumberText {
  /// Four digits behind the point, as Dice is compared; a dash where it is not defined.
  static func score(_ value: Double) -> String {
    value.isFinite ? String(format: "%.4f", value) : "–"
  }

  /// About four significant digits.
  static func short(_ value: Double) -> String {
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

  /// A chance: `0.012`, `< 0.001`.
  static func chance(_ value: Double) -> String {
    guard value.isFinite else { return "equal" }
    return value < 0.001 ? "< 0.001" : String(format: "%.3f", value)
  }
}
