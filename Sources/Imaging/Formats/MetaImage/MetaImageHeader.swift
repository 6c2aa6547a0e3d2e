import Foundation
import HostSystem

/// The unprocessed fields of a MetaImage header.
struct MetaImageHeader {
  private var fields: [String: String] = [:]
  /// Where the data begin, if they are in the same file.
  var byteCount: Int
  private let path: String

  /// Reads the header of the file at `url`; the field `ElementDataFile` is the last.
  init(at url: URL) throws(ImagingError) {
    path = url.path
    let text = try HeaderText(at: url) { Self.field($0)?.name == "ElementDataFile" }
    byteCount = text.byteCount
    for line in text.lines {
      guard let (name, value) = Self.field(line) else { continue }
      fields[name] = value
    }
    guard fields["NDims"] != nil || fields["ElementDataFile"] != nil else {
      throw .wrongFormat(path: path, format: "MetaImage", reason: "it has no NDims = …")
    }
  }

  /// The parts of a line `NAME = VALUE`.
  private static func field(_ line: String) -> (name: String, value: String)? {
    let parts = line.parts(at: "=", maxSplits: 1, omittingEmpty: false)
    return parts.count == 2 ? (parts[0].trimmed, parts[1].trimmed) : nil
  }

  /// The value of a field.
  subscript(name: String) -> String? { fields[name] }

  /// Numbers separated by blanks; other words are NaN.
  func numbers(_ name: String) -> [Double]? {
    fields[name].map { $0.words.map { Double(String($0)) ?? .nan } }
  }

  /// A whole number.
  func integer(_ name: String) throws(ImagingError) -> Int? {
    guard let text = fields[name] else { return nil }
    guard let number = Int(text) else { throw wrong(name, expected: "a whole number") }
    return number
  }

  /// A value that begins like `True` and `False` or 1 and 0.
  func flag(_ name: String) throws(ImagingError) -> Bool? {
    guard let first = fields[name]?.unicodeScalars.first else { return nil }
    switch first {
    case "T", "t", "1", "Y", "y": return true
    case "F", "f", "0", "N", "n": return false
    default: throw wrong(name, expected: "True or False")
    }
  }

  /// An error about the value of a field.
  func wrong(_ name: String, expected: String) -> ImagingError {
    .invalidHeader(
      path: path, field: name, value: "\"\((fields[name] ?? "").prefix(80))\"", expected: expected)
  }

  /// An error about a missing field.
  func missing(_ name: String) -> ImagingError {
    .invalidHeader(path: path, field: name, value: "missing", expected: "a value")
  }
}
