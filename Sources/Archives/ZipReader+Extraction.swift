public import Foundation
public import HostSystem

extension ZipReader {
  /// Unpacks all entries below `folder`, which need not exist.
  ///
  /// Names are checked before anything is written: absolute paths, `..`, links and special files
  /// are refused. Files are written whole or not at all, but an error leaves those before it: unpack
  /// to a folder aside and rename it.
  ///
  /// - Parameters:
  ///   - folder: Where the entries' names begin.
  ///   - reporter: Is told how far the work is.
  ///   - activity: What the reporter calls the work; it counts megabytes.
  public func extract(
    to folder: URL, reporter: any HostSystem.ProgressReporting = SilentReporter(),
    activity: String = "unpacking (MB)"
  ) throws {
    try checkNames()
    func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }
    let total = entries.reduce(0) { $0 + $1.size }
    var done = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    try makeFolder(at: folder)
    for entry in entries {
      let target = folder.appending(path: entry.name)
      guard entry.kind == .file else {
        try makeFolder(at: target)
        continue
      }
      try makeFolder(at: target.deletingLastPathComponent())
      let stream = try stream(entry)
      let file = try PendingFile(at: target)
      repeat {
        let count = try buffer.withUnsafeMutableBytes { try stream.fill($0) }
        try buffer.withUnsafeBytes {
          try file.append(UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
        done += count
        reporter.advance(activity, completed: megabytes(done), of: megabytes(total))
      } while stream.remaining > 0
      try file.commit()
    }
  }

  /// Checks that every entry stays below the folder that it is unpacked to.
  public func checkNames() throws(ArchiveError) {
    for entry in entries {
      if let reason = Self.objection(to: entry) {
        throw .unsafeName(path: path, entry: entry.name, reason: reason)
      }
    }
  }

  private static func objection(to entry: ZipEntry) -> String? {
    switch entry.kind {
    case .link: return "is a symbolic link"
    case .special: return "is a device, pipe or socket"
    case .file, .folder: break
    }
    let name = entry.name
    if name.isEmpty { return "has no name" }
    if name.hasPrefix("/") { return "has an absolute path" }
    if name.unicodeScalars.contains(where: { $0.value < 32 || $0 == "\\" || $0 == "\u{FFFD}" }) {
      return "has a name with a backslash, a control character or broken text"
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains("..") { return "leads out of the folder ('..')" }
    if parts.dropLast().contains("") || parts.contains(".") { return "has a path with empty parts" }
    if name.dropFirst().first == ":" { return "has an absolute path" }
    return name.utf8.count > 4096 ? "has a name of \(name.utf8.count) bytes" : nil
  }
}
