import Foundation
import HostSystem

/// The lines at the beginning of a file whose header is text.
struct HeaderText {
  /// The lines without their ends.
  var lines: [String] = []
  /// The number of bytes up to the end of the last line.
  var byteCount = 0

  /// No header is longer; what follows the first bytes may be voxels.
  private static let longest = 1 << 20

  /// Reads lines up to the first that `isLast` knows, or to the end of the file.
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
  /// The words of a line, parted by blanks and tabs.
  var words: [Substring] {
    parts(at: " ").flatMap { $0.parts(at: "\t") }
  }

  /// The text without blanks and tabs around it.
  var trimmed: String { String(self).trimmingCharacters(in: CharacterSet(charactersIn: " \t")) }
}

/// The file beside a header that holds its voxels.
///
/// - Throws: ``ImagingError`` for names that lead out of the header's folder: a header from elsewhere must
///   not make this program read any file of the machine.
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
