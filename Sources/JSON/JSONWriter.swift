import Foundation
import HostSystem

/// Writes JSON as Python's `json.dump(…, indent=4, sort_keys=True)` does.
///
/// Keys that are all integers are sorted by value, floats keep a decimal point and have the fewest
/// digits that read back exactly, and the literals `NaN`, `Infinity` and `-Infinity` are used.
struct JSONWriter {
  private var text = ""

  /// The document's text, ending in a line break.
  static func data(_ value: JSONValue) -> Data {
    var writer = JSONWriter()
    writer.write(value, indentation: 0)
    writer.text.append("\n")
    return Data(writer.text.utf8)
  }

  private mutating func write(_ value: JSONValue, indentation: Int) {
    switch value {
    case .null: text.append("null")
    case .boolean(let value): text.append(value ? "true" : "false")
    case .integer(let value): text.append(String(value))
    case .number(let value): text.append(Self.text(of: value))
    case .string(let string): write(string)
    case .array(let elements):
      writeList(elements, "[", "]", indentation) { $0.write($1, indentation: indentation + 1) }
    case .object(let members):
      writeList(Self.sorted(members), "{", "}", indentation) {
        $0.write($1.key)
        $0.text.append(": ")
        $0.write($1.value, indentation: indentation + 1)
      }
    }
  }

  private mutating func writeList<Element>(
    _ elements: [Element], _ open: String, _ close: String, _ indentation: Int,
    _ writeElement: (inout JSONWriter, Element) -> Void
  ) {
    text.append(open)
    for (index, element) in elements.enumerated() {
      text.append(index == 0 ? "\n" : ",\n")
      text.append(String(repeating: "    ", count: indentation + 1))
      writeElement(&self, element)
    }
    if !elements.isEmpty {
      text.append("\n")
      text.append(String(repeating: "    ", count: indentation))
    }
    text.append(close)
  }

  private static func sorted(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
    let numbers = members.compactMap { Int($0.key) }
    if numbers.count == members.count {
      return zip(numbers, members).sorted { $0.0 < $1.0 }.map(\.1)
    }
    return members.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
  }

  private static func text(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
    return "\(number)"
  }

  private mutating func write(_ string: String) {
    text.append("\"")
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text.append("\\\"")
      case "\\": text.append("\\\\")
      case "\n": text.append("\\n")
      case "\r": text.append("\\r")
      case "\t": text.append("\\t")
      case "\u{0}"..<"\u{20}":
        text.append("\\u" + scalar.value.zeroPadded(to: 4, radix: 16))
      default: text.unicodeScalars.append(scalar)
      }
    }
    text.append("\"")
  }
}
