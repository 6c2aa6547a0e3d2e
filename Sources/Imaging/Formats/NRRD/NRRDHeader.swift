import Foundation
import HostSystem

/// The unprocessed fields of an NRRD header.
struct NRRDHeader: FieldHeader {
  /// The values by the fields' names, in lower case and without blanks.
  private(set) var fields: [String: String] = [:]
  /// Where the data begin, if they are in the same file.
  var byteCount: Int
  let path: String

  /// Reads the header of the file at `url`.
  init(at url: URL) throws(ImagingError) {
    path = url.path
    var text = try HeaderText(at: url, upTo: \.isEmpty)
    guard let magic = text.lines.first, magic.begins(with: "NRRD000") else {
      throw .wrongFormat(path: path, format: "NRRD", reason: "it does not begin with NRRD000")
    }
    text.lines.removeFirst()
    byteCount = text.byteCount
    for line in text.lines where !line.begins(with: "#") {
      let parts = line.parts(at: ":", maxSplits: 1, omittingEmpty: false)
      // "key:=value" is a comment of the file's writer.
      guard parts.count == 2, !parts[1].begins(with: "=") else { continue }
      let name = parts[0].words.joined().lowercased()
      fields[name] = parts[1].trimmed
    }
  }

  /// Words in lower case, one for each axis.
  func words(_ name: String) -> [String]? {
    fields[name].map { $0.words.map { $0.lowercased() } }
  }

  /// Vectors such as `(1,0,0) none (0,1,0)`; nil for `none`.
  func vectors(_ name: String) throws(ImagingError) -> [[Double]?]? {
    guard let text = fields[name] else { return nil }
    var vectors: [[Double]?] = []
    for part in text.parts(at: ")") {
      let pieces = part.parts(at: "(", maxSplits: 1, omittingEmpty: false)
      for word in pieces[0].words {
        guard word.lowercased().isExactly("none") else { throw wrong(name, expected: "vectors") }
        vectors.append(nil)
      }
      guard pieces.count == 2 else { continue }
      let numbers = pieces[1].parts(at: ",").map { Double($0.trimmed) ?? .nan }
      guard !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
        throw wrong(name, expected: "vectors of numbers")
      }
      vectors.append(numbers)
    }
    return vectors
  }
}
