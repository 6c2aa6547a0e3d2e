import Foundation

extension PythonValue {
  /// The value as Python's `json.dump(…, indent=4)` writes it: keys keep their order.
  ///
  /// Tuples become lists, and numbers that are keys become texts, as in Python.
  ///
  /// - Precondition: There are no arrays and tensors in it.
  var json: Data {
    var text = ""
    write(to: &text, indent: 0)
    return Data((text + "\n").utf8)
  }

  private func write(to text: inout String, indent: Int) {
    switch self {
    case .none: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .number(let value): text += Self.text(value)
    case .string(let value): text += Self.quoted(value)
    case .list(let elements), .tuple(let elements):
      Self.write(elements.map { (nil, $0) }, between: ("[", "]"), to: &text, indent: indent)
    case .dictionary(let entries, _):
      Self.write(
        entries.map { ($0.key.keyText, $0.value) }, between: ("{", "}"), to: &text, indent: indent)
    case .device, .integerArray, .numberArray, .tensor:
      preconditionFailure("JSON has no arrays, tensors and devices")
    }
  }

  private static func write(
    _ entries: [(key: String?, value: PythonValue)], between brackets: (String, String),
    to text: inout String, indent: Int
  ) {
    text += brackets.0
    let inner = "\n" + String(repeating: " ", count: indent + 4)
    for (index, entry) in entries.enumerated() {
      text += (index > 0 ? "," : "") + inner + (entry.key.map { quoted($0) + ": " } ?? "")
      entry.value.write(to: &text, indent: indent + 4)
    }
    text += (entries.isEmpty ? "" : "\n" + String(repeating: " ", count: indent)) + brackets.1
  }

  private var keyText: String {
    switch self {
    case .string(let text): text
    case .integer(let number): "\(number)"
    default: preconditionFailure("keys are texts or numbers")
    }
  }

  private static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    return value.isFinite ? "\(value)" : value < 0 ? "-Infinity" : "Infinity"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case let control where control.value < 0x20:
        result += String(format: "\\u%04x", control.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
