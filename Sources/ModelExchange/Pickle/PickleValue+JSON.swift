package import Foundation
import HostSystem

extension PickleValue {
  /// Converts the value to JSON text, with arrays and tuples as lists and null for what JSON cannot
  /// represent.
  ///
  /// - Parameters:
  ///   - path: Named in errors.
  ///   - omitted: Keys of the top dictionary to omit.
  /// - Returns: The text as UTF-8.
  /// - Throws: ``ExchangeError/unexpectedContent(path:key:problem:)`` for values that contain
  ///   themselves, or that would become much larger than the pickle because of repetitions.
  package func json(
    path: String, without omitted: Set<String> = []
  ) throws(ExchangeError) -> Data {
    var writer = PickleJSONWriter(document: document, path: path)
    try writer.write(index, depth: 0, without: omitted)
    return Data(writer.text.utf8)
  }
}

/// Writes values one after the other into a text.
private struct PickleJSONWriter {
  let document: PickleDocument
  let path: String
  var text = ""
  private var remaining: Int

  init(document: PickleDocument, path: String) {
    self.document = document
    self.path = path
    // Ordinary pickles repeat only small values (NumPy's scalars and types are shared).
    remaining = 50 * document.nodes.count + 10_000_000
  }

  mutating func write(
    _ index: Int, depth: Int, without omitted: Set<String> = []
  ) throws(ExchangeError) {
    remaining -= 1
    guard depth < 100, remaining > 0 else {
      throw .unexpectedContent(path: path, key: "", problem: "its values are nested too deeply")
    }
    switch document.nodes[index] {
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += Self.number(value)
    case .string(let value):
      remaining -= value.utf8.count
      text += Self.quoted(value)
    case .list(let elements), .tuple(let elements):
      try writeList(elements.count) { (writer, place) throws(ExchangeError) in
        try writer.write(elements[place], depth: depth + 1)
      }
    case .dictionary(let entries): try write(entries, depth: depth, without: omitted)
    case .array(let array): try write(array, axis: 0, offset: 0, depth: depth)
    default: text += "null"
    }
  }

  private mutating func writeList(
    _ count: Int, _ element: (inout Self, Int) throws(ExchangeError) -> Void
  ) throws(ExchangeError) {
    text += "["
    for place in 0..<count {
      if place > 0 { text += "," }
      try element(&self, place)
    }
    text += "]"
  }

  private mutating func write(
    _ entries: [PickleNode.Entry], depth: Int, without omitted: Set<String>
  ) throws(ExchangeError) {
    text += "{"
    var isFirst = true
    for entry in entries {
      let key: String
      switch document.nodes[entry.key] {
      case .string(let value): key = value
      case .integer(let value): key = String(value)
      default: continue
      }
      if omitted.contains(key) { continue }
      if !isFirst { text += "," }
      isFirst = false
      remaining -= key.utf8.count
      text += Self.quoted(key) + ":"
      try write(entry.value, depth: depth + 1)
    }
    text += "}"
  }

  /// Writes an array from `axis` on, beginning with the element at `offset`.
  private mutating func write(
    _ array: PickledArray, axis: Int, offset: Int, depth: Int
  ) throws(ExchangeError) {
    remaining -= 1
    guard remaining > 0, depth < 100 else {
      throw .unexpectedContent(path: path, key: "", problem: "its arrays are too large")
    }
    guard let elements = array.elements else {
      text += "null"
      return
    }
    guard axis < array.shape.count else {
      switch document.nodes[elements] {
      case .list(let list): try write(list[offset], depth: depth + 1)
      case .bytes(let bytes):
        let size = array.type.size
        remaining -= size
        switch array.type.node(of: bytes[offset * size..<(offset + 1) * size]) {
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += Self.number(value)
        case .string(let value): text += Self.quoted(value)
        default: text += "null"
        }
      default: text += "null"
      }
      return
    }
    let stride =
      array.isColumnMajor
      ? array.shape[..<axis].trustedProduct : array.shape[(axis + 1)...].trustedProduct
    try writeList(array.shape[axis]) { (writer, place) throws(ExchangeError) in
      try writer.write(array, axis: axis + 1, offset: offset + place * stride, depth: depth + 1)
    }
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return "\(value)"
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case _ where scalar.value < 32:
        result += "\\u" + scalar.value.zeroPadded(to: 4, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
