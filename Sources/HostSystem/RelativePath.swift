/// A relative path from outside, such as the name of an archive's entry: each part is the plain
/// name of a file or folder, so that no path leads out of its folder.
package struct RelativePath: Hashable, Sendable, CustomStringConvertible {
  /// The names of the folders, and of the file or folder itself.
  package let parts: [String]

  /// Why a text is not such a path; continues a sentence that begins with the text.
  package struct Objection: Error, Hashable, Sendable {
    package var reason: String

    package init(reason: String) { self.reason = reason }
  }

  /// Checks a text byte by byte, as the system reads it.
  ///
  /// - Parameter text: Parts with `/` between them; that of a folder may end in `/`.
  /// - Throws: ``Objection``.
  package init(_ text: String) throws(Objection) {
    guard !text.isEmpty else { throw Objection(reason: "has no name") }
    guard !text.begins(with: "/") else { throw Objection(reason: "has an absolute path") }
    guard text.utf8.count <= 4096 else {
      throw Objection(reason: "has a name of \(text.utf8.count) bytes")
    }
    // U+FFFD stands for bytes that are not text.
    guard !text.unicodeScalars.contains(where: { $0.isControl || $0 == "\\" || $0 == "\u{FFFD}" })
    else {
      throw Objection(reason: "has a name with a backslash, a control character or broken text")
    }
    var parts = text.parts(at: "/", omittingEmpty: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    for part in parts {
      if part.isExactly("..") { throw Objection(reason: "leads out of the folder ('..')") }
      guard !part.isEmpty, !part.isExactly(".") else {
        throw Objection(reason: "has a path with empty parts")
      }
      guard part.utf8.count <= 255 else {
        throw Objection(reason: "has a part of \(part.utf8.count) bytes in its name")
      }
    }
    // A drive of Windows.
    guard !parts[0].unicodeScalars.dropFirst().starts(with: [":"]) else {
      throw Objection(reason: "has an absolute path")
    }
    self.parts = parts.map(String.init)
  }

  package var description: String { parts.joined(separator: "/") }
}
