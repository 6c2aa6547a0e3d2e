import Foundation
import HostSystem

/// The unprocessed fields of a MetaImage header.
struct MetaImageHeader: FieldHeader {
  private(set) var fields: [String: String] = [:]
  /// Where the data begin, if they are in the same file.
  var byteCount: Int
  let path: String

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

  /// A value that begins like `True` and `False` or 1 and 0.
  func flag(_ name: String) throws(ImagingError) -> Bool? {
    guard let first = fields[name]?.unicodeScalars.first else { return nil }
    switch first {
    case "T", "t", "1", "Y", "y": return true
    case "F", "f", "0", "N", "n": return false
    default: throw wrong(name, expected: "True or False")
    }
  }
}
