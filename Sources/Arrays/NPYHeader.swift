import HostSystem

/// The header of a `.npy` file: element type, order and shape.
///
/// Format: NumPy Enhancement Proposal 1, versions 1 to 3. Everything is checked against the actual
/// number of bytes in the file before it is used to allocate memory.
package struct NPYHeader: Equatable, Sendable {
  /// The element type with its byte order, such as `<f4`.
  package var scalar: String
  package var isFortranOrder: Bool
  package var shape: [Int]
  /// Where the elements begin.
  package var dataOffset: Int

  /// NumPy's type code without the byte order.
  package var scalarCode: String { String(scalar.dropFirst()) }
  /// Whether the elements' bytes must be swapped on a little-endian machine.
  package var isBigEndian: Bool { scalar.begins(with: ">") }

  /// Parses the header at the start of `bytes`, the whole file.
  package init(parsing bytes: UnsafeRawBufferPointer, path: String) throws(NPYError) {
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(magic) else {
      throw .notAnArray(path: path, reason: "it does not begin with \\x93NUMPY")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw .unsupported(path: path, feature: "its format version is \(version).\(bytes[7])")
    }
    let lengthBytes = version == 1 ? 2 : 4
    var length = 0
    for index in (0..<lengthBytes).reversed() where 8 + index < bytes.count {
      length = length << 8 | Int(bytes[8 + index])
    }
    let start = 8 + lengthBytes
    guard length <= bytes.count - start else {
      throw .notAnArray(path: path, reason: "it ends within the header")
    }
    guard length <= 65_535 else {
      throw .unsupported(path: path, feature: "its header has \(length) bytes")
    }
    let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
    var parser = PythonLiteralParser(text)
    guard let (scalar, isFortranOrder, shape) = parser.parseArrayDescription() else {
      throw .notAnArray(
        path: path, reason: "its header is \(text.prefix(120).debugDescription)")
    }
    self.scalar = scalar
    self.isFortranOrder = isFortranOrder
    self.shape = shape
    self.dataOffset = start + length
  }

  /// Checks that the file contains exactly the elements of `Scalar` that the shape states.
  ///
  /// - Returns: The number of elements.
  package func validate<Scalar: NPYScalar>(
    as _: Scalar.Type, fileSize: Int, path: String
  ) throws(NPYError) -> Int {
    let isSingleByte = MemoryLayout<Scalar>.size == 1
    let orders: [Character] = isSingleByte ? ["|", "<", ">", "="] : ["<", ">", "="]
    let isMask = Scalar.self == UInt8.self && scalar == "|b1"
    guard let order = scalar.first, orders.contains(order), isMask || scalarCode == Scalar.npyCode
    else {
      throw .wrongScalar(
        path: path, found: scalar, expected: (isSingleByte ? "|" : "<") + Scalar.npyCode)
    }
    var count = 1
    var overflows = false
    for extent in shape {
      let product = count.multipliedReportingOverflow(by: extent)
      overflows = overflows || product.overflow
      count = product.partialValue
    }
    let size = count.multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
    guard !overflows, !size.overflow, size.partialValue == fileSize - dataOffset else {
      throw .wrongSize(
        path: path, shape: shape,
        expectedBytes: overflows || size.overflow ? .max : size.partialValue,
        foundBytes: fileSize - dataOffset)
    }
    return count
  }

  /// The bytes of a version 1 header whose elements begin at a multiple of 64.
  package static func encode(scalarCode: String, shape: [Int]) -> [UInt8] {
    let order = scalarCode.ends(with: "1") ? "|" : "<"
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = Array(
      "{'descr': '\(order)\(scalarCode)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    let unpadded = 10 + text.count + 1
    text += Array(repeating: UInt8(ascii: " "), count: (64 - unpadded % 64) % 64)
    text.append(UInt8(ascii: "\n"))
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
    return magic + [UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
  }
}

/// Reads the Python dictionary that describes an array, and nothing else of Python.
private struct PythonLiteralParser {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  /// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}` with the keys in any order.
  mutating func parseArrayDescription() -> (scalar: String, isFortran: Bool, shape: [Int])? {
    var scalar: String?
    var isFortran: Bool?
    var shape: [Int]?
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":") else { return nil }
      switch key {
      case "descr": scalar = string()
      case "fortran_order": isFortran = boolean()
      case "shape": shape = tuple()
      default: return nil
      }
      guard take(",") else {
        guard take("}") else { return nil }
        break
      }
    }
    guard let scalar, let isFortran, let shape else { return nil }
    return (scalar, isFortran, shape)
  }

  private mutating func skipSpaces() {
    rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 }
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpaces()
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  private mutating func string() -> String? {
    skipSpaces()
    guard let quote = rest.first, quote == 0x27 || quote == 0x22 else { return nil }
    let body = rest.dropFirst()
    guard let end = body.firstIndex(of: quote) else { return nil }
    rest = body[body.index(after: end)...]
    return String(Substring(body[..<end]))
  }

  private mutating func boolean() -> Bool? {
    if take("True") { return true }
    return take("False") ? false : nil
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var values: [Int] = []
    while !take(")") {
      skipSpaces()
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      // NumPy arrays have at most 32 axes; an array with more axes is of no use.
      guard let value = Int(String(Substring(digits))), values.count < 32 else { return nil }
      values.append(value)
      rest = rest[digits.endIndex...]
      _ = take("L")
      guard take(",") else {
        return take(")") ? values : nil
      }
    }
    return values
  }
}
