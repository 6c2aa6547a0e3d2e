import HostSystem

/// One value of a pickle and what it refers to.
package struct PickleValue: Sendable {
  let document: PickleDocument
  let index: Int

  var node: PickleNode { document.nodes[index] }

  /// The value of a text key; nil if there is none or this is not a dictionary.
  package subscript(key: String) -> PickleValue? {
    guard case .dictionary(let entries) = node else { return nil }
    let entry = entries.last { entry in
      if case .string(let text) = document.nodes[entry.key] { text == key } else { false }
    }
    return entry.map { PickleValue(document: document, index: $0.value) }
  }

  package var string: String? {
    if case .string(let text) = node { text } else { nil }
  }

  package var integer: Int? {
    if case .integer(let value) = node { value } else { nil }
  }

  package var number: Double? {
    switch node {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The elements of a list, tuple or set; nil for other values.
  package var elements: [PickleValue]? {
    switch node {
    case .list(let list), .tuple(let list):
      list.map { PickleValue(document: document, index: $0) }
    default: nil
    }
  }

  /// The entries of a dictionary in their order; nil for other values.
  package var entries: [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let entries) = node else { return nil }
    return entries.map {
      (
        PickleValue(document: document, index: $0.key),
        PickleValue(document: document, index: $0.value)
      )
    }
  }

  /// The whole numbers of an array in C order, and its shape; nil for other values.
  ///
  /// An empty list is an array without elements.
  package var wholeNumbers: (shape: [Int], values: [Int])? {
    if case .list(let list) = node, list.isEmpty { return ([0], []) }
    guard case .array(let array) = node, let elements = array.elements,
      !array.isColumnMajor || array.shape.count < 2,
      case .bytes(let bytes) = document.nodes[elements]
    else { return nil }
    var values: [Int] = []
    for start in stride(from: 0, to: bytes.count, by: max(array.type.size, 1)) {
      guard case .integer(let value) = array.type.node(of: bytes[start..<start + array.type.size])
      else { return nil }
      values.append(value)
    }
    return (array.shape, values)
  }

  var tensor: PickledTensor? {
    if case .tensor(let tensor) = node { tensor } else { nil }
  }
}

extension NumPyType {
  /// One element as a value; nil for types that have none here.
  func node(of bytes: ArraySlice<UInt8>) -> PickleNode? {
    let ordered = isBigEndian ? Array(bytes) : bytes.reversed()
    let pattern = ordered.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch (kind, size) {
    case ("b", _): return .boolean(pattern != 0)
    case ("i", _):
      let unused = UInt64(64 - 8 * size)
      return .integer(Int(Int64(bitPattern: pattern << unused) >> Int64(unused)))
    case ("u", _): return Int(exactly: pattern).map { .integer($0) } ?? .number(Double(pattern))
    case ("f", 8): return .number(Double(bitPattern: pattern))
    case ("f", 4): return .number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern))))
    case ("f", 2): return .number(Double(halfPrecision(UInt16(truncatingIfNeeded: pattern))))
    case ("S", _): return .string(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    case ("U", _): return .string(text(bytes))
    default: return nil
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String {
    var text = ""
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 4) {
      let letter = bytes[start..<start + 4]
      let code = (isBigEndian ? Array(letter) : letter.reversed()).reduce(UInt32(0)) {
        $0 << 8 | UInt32($1)
      }
      guard code != 0 else { break }
      text.unicodeScalars.append(Unicode.Scalar(code) ?? "\u{fffd}")
    }
    return text
  }
}

/// The value of a 16-bit float's bits.
func halfPrecision(_ bits: UInt16) -> Float {
  let sign: Float = bits & 0x8000 == 0 ? 1 : -1
  let exponent = Int(bits >> 10 & 31)
  let fraction = Float(bits & 1023)
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default:
    return sign * (1 + fraction / 1024)
      * Float(sign: .plus, exponent: exponent - 15, significand: 1)
  }
}
