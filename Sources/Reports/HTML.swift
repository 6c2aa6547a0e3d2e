import Foundation
import HostSystem

/// Pieces of HTML and SVG as text; their content is escaped.
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

  /// A coordinate with one digit after the point.
  static func coordinate(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard let whole = Int(exactly: tenths) else { return "0" }
    return whole % 10 == 0
      ? "\(whole / 10)" : "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
  }
}
