import Foundation
import HostSystem

/// The lines at the beginning of a file with a text header.
struct HeaderText {
  /// The lines without their ends.
  var lines: [String] = []
  /// The number of bytes up to the end of the last line.
  var byteCount = 0

  /// No header is longer; voxels may follow the first bytes.
  private static let longest = 1 << 20

  /// Reads lines up to the first for which `isLast` is true, or to the end of the file.
  init(at url: URL, upTo isLast: (String) -> Bool) throws(ImagingError) {
    var source = try ByteSource(at: url, packing: .plain)
    let bytes = try source.bytes(upTo: min(source.plainSize, Self.longest))
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      var line = bytes[start..<end]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      let text = String(decoding: line, as: UTF8.self)
      lines.append(text)
      start = min(end + 1, bytes.count)
      byteCount = start
      if isLast(text) { return }
    }
  }
}

extension StringProtocol where SubSequence == Substring {
  /// The words of a line, separated by blanks and tabs.
  var words: [Substring] {
    parts(at: " ").flatMap { $0.parts(at: "\t") }
  }

  /// The text without blanks and tabs around it.
  var trimmed: String { String(self).trimmingCharacters(in: CharacterSet(charactersIn: " \t")) }
}

/// The file with the voxels, next to a header.
///
/// - Throws: ``ImagingError`` for names that lead out of the header's folder: a foreign header must
///   not make this program read arbitrary files of the machine.
func dataFile(
  named name: String, of header: URL, field: String
) throws(ImagingError) -> URL {
  let path: RelativePath
  do throws(RelativePath.Objection) {
    path = try RelativePath(String(name.dropping(prefix: "./") ?? name[...]))
  } catch {
    throw .invalidHeader(
      path: header.path, field: field, value: "\"\(name)\"",
      expected: "a file in the header's folder (the name \(error.reason))")
  }
  return path.parts.reduce(header.deletingLastPathComponent()) { $0.appending(path: $1) }
}
