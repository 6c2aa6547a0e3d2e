import HostSystem

/// An archive that cannot be used, or not safely.
package enum ArchiveError: ExplainedError, Equatable {
  /// The file is not a zip archive, or its end is missing.
  case notAnArchive(path: String, reason: String)
  /// The archive contradicts itself.
  case damaged(path: String, entry: String?, reason: String)
  /// The archive uses a feature of the format that is not supported here.
  case unsupported(path: String, entry: String?, feature: String)
  /// The archive has no entry with this name.
  case noEntry(path: String, name: String, names: [String])
  /// An entry would be written outside the folder that it is unpacked to.
  case unsafeName(path: String, entry: String, reason: String)
  /// The archive is larger than what is accepted, or grows suspiciously when unpacked.
  case tooLarge(path: String, entry: String?, reason: String)

  package var message: String {
    switch self {
    case .notAnArchive(let path, let reason): "\(path) is not a zip archive: \(reason)."
    case .damaged(let path, let entry, let reason):
      "\(place(path, entry)) is damaged: \(reason)."
    case .unsupported(let path, let entry, let feature):
      "\(place(path, entry)) cannot be used: \(feature)."
    case .noEntry(let path, let name, let names):
      "\(path) has no '\(name)'; it contains \(Self.list(names))."
    case .unsafeName(let path, let entry, let reason):
      "\(path) is refused: its entry \(entry.debugDescription) \(reason)."
    case .tooLarge(let path, let entry, let reason):
      "\(place(path, entry)) is refused: \(reason)."
    }
  }

  package var hint: String? {
    switch self {
    case .notAnArchive, .damaged:
      "The file was probably truncated when it was copied or downloaded; copy or download it again."
    case .unsupported: "Repack it as a plain zip (stored or deflated, not encrypted)."
    case .noEntry: nil
    case .unsafeName:
      "Nothing was unpacked. Unpack such an archive by hand only if you trust its source."
    case .tooLarge:
      "Nothing was unpacked. If you trust the file, unpack it with another program."
    }
  }

  private func place(_ path: String, _ entry: String?) -> String {
    entry.map { "'\($0)' in \(path)" } ?? path
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "nothing" : listText(names, first: 8)
  }
}
