package import Foundation

/// The error of a file that cannot be opened.
///
/// If the file's name is almost right, the error says what exists instead. Names may differ in ways
/// that are hard to see: a space at the end, `.NII.GZ`, a letter that is one scalar here and two
/// there (NFC and NFD), bytes of an encoding other than UTF-8, `\` for `/`.
///
/// - Parameters:
///   - url: The file as it was named.
///   - reason: The system's reason why it cannot be opened.
/// - Returns: ``FileError/cannotRead(path:reason:)``.
package func missingFile(_ url: URL, reason: String) -> FileError {
  .cannotRead(path: url.path, reason: reason + (nearNames(to: url).map { "; \($0)" } ?? ""))
}

/// What exists instead of a missing file, and what to change, such as `… exists: …`.
///
/// - Returns: Nil if the file exists or nothing is similar.
package func nearNames(to url: URL) -> String? {
  guard !fileExists(url) else { return nil }
  let folder = url.deletingLastPathComponent()
  guard isFolder(folder) else {
    // The first missing folder is the problem.
    return folder.path == url.path || folder.path == "/" ? nil : nearNames(to: folder)
  }
  let name = url.lastPathComponent
  if name.holds("\\") {
    let path = name.substituting("\\", with: "/")
    if fileExists(folder.appending(path: path)) {
      return "write / instead of \\ in \"\(name)\""
    }
  }
  if let plain = withoutSecondChannel(name), fileExists(folder.appending(path: plain)) {
    return
      "\"\(plain)\" exists: list cases without the channel number (_0000)"
  }
  let names = (try? namesWithBytes(in: folder)) ?? []
  if let broken = names.first(where: { $0.text == nil && $0.isLike(name) }) {
    return "\"\(broken.shown)\" exists, but its name is not UTF-8: rename it"
  }
  let near = names.compactMap { entry in entry.text.map { ($0, distance($0, name)) } }
    .filter { $0.1 <= max(1, min(3, name.utf8.count / 4)) }.sorted { $0.1 < $1.1 }.prefix(3)
  guard let nearest = near.first else { return nil }
  if let difference = difference(between: nearest.0, and: name) {
    return "\"\(nearest.0)\" exists, which differs in \(difference): change one of them"
  }
  return "similar names: " + near.map { "\"\($0.0)\"" }.joined(separator: ", ")
}

/// The name without the second of two channel numbers, as in `case_0000_0000.nii.gz`.
///
/// The second was added to a name that was listed with the first.
private func withoutSecondChannel(_ name: String) -> String? {
  guard let stem = name.dropping(suffix: ".nii.gz") else { return nil }
  let parts = stem.parts(at: "_", omittingEmpty: false).suffix(2)
  func isChannel(_ part: Substring) -> Bool {
    part.utf8.count == 4 && part.unicodeScalars.allSatisfy(\.isASCIIDigit)
  }
  guard parts.count == 2, parts.allSatisfy(isChannel), let last = parts.last else { return nil }
  return stem.dropping(suffix: "_" + last).map { $0 + ".nii.gz" }
}

/// The difference between two names that look alike; nil if they do not.
private func difference(between found: String, and wanted: String) -> String? {
  if found == wanted { return "the encoding of its accents (Unicode NFC and NFD)" }
  func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
  if trimmed(found) == trimmed(wanted) { return "a space at its beginning or end" }
  if found.lowercased() == wanted.lowercased() { return "capital letters" }
  return nil
}

/// The distance between names for a reader, 0 for those that look the same.
private func distance(_ first: String, _ second: String) -> Int {
  guard difference(between: first, and: second) == nil else { return 0 }
  // Names of very different lengths cannot be similar, and comparing long ones would take long.
  guard abs(first.utf8.count - second.utf8.count) <= 3, first.utf8.count <= 255 else { return .max }
  return editDistance(first, second)
}

/// A name in a folder, which need not be UTF-8.
private struct StoredName {
  var bytes: [UInt8]
  var text: String? { String(validating: bytes, as: UTF8.self) }
  /// As Latin-1, the usual encoding of older programs.
  var shown: String { String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })) }

  /// Whether it is this name in Latin-1, or with replacements for unreadable bytes.
  func isLike(_ name: String) -> Bool {
    shown == name || String(decoding: bytes, as: UTF8.self) == name
      || shown.precomposedStringWithCanonicalMapping == name.precomposedStringWithCanonicalMapping
  }
}

/// The names in a folder, byte by byte; Foundation omits or changes those that are not UTF-8.
private func namesWithBytes(in folder: URL) throws(FileError) -> [StoredName] {
  guard let stream = opendir(folder.path) else {  // lint: names as bytes
    throw .cannotRead(path: folder.path, reason: systemReason())
  }
  defer { closedir(stream) }
  var names: [StoredName] = []
  while let entry = readdir(stream) {  // lint: names as bytes
    let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    names.append(StoredName(bytes: bytes))
    // Comparing all names of a folder with a million names helps nobody.
    if names.count >= 20_000 { break }
  }
  return names
}
