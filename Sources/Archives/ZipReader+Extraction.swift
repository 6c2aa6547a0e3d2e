package import Foundation
package import HostSystem

extension ZipReader {
  /// Unpacks all entries into `folder`, which need not exist.
  ///
  /// Names are checked before anything is written: absolute paths, `..`, links and special files
  /// are refused. Each file is opened relative to the folder without following links, and must be
  /// new. After an error, the files that were unpacked before it stay: unpack to a temporary folder
  /// and rename that.
  ///
  /// - Parameters:
  ///   - folder: Where the entries' names begin.
  ///   - isWanted: Which entries are unpacked.
  ///   - reporter: Receives the progress.
  ///   - activity: The name of the work for the reporter; it counts megabytes.
  /// - Throws: ``ArchiveError`` for an unsafe name, before anything is written, and for a damaged
  ///   entry; `FileError` if a file already exists or cannot be written.
  package func extract(
    to folder: URL, where isWanted: (ZipEntry) -> Bool = { _ in true },
    reporter: any Reporter = SilentReporter(),
    activity: String = "unpacking (MB)"
  ) throws {
    let paths = try checkedPaths()
    func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }
    let chosen = zip(entries, paths).filter { isWanted($0.0) }
    let total = chosen.reduce(0) { $0 + $1.0.size }
    var done = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    let root = try OpenFolder(making: folder)
    // Entries of one folder follow each other.
    var (names, open) = ([String](), root)
    for (entry, path) in chosen {
      let folders = entry.kind == .file ? Array(path.parts.dropLast()) : path.parts
      if folders != names {
        open = try folders.reduce(root) { try $0.folder(named: $1) }
        names = folders
      }
      guard entry.kind == .file, let name = path.parts.last else { continue }
      let stream = try stream(entry)
      try open.makeFile(named: name) { write in
        repeat {
          let count = try buffer.withUnsafeMutableBytes { try stream.fill($0) }
          try buffer.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
          done += count
          reporter.advance(activity, completed: megabytes(done), of: megabytes(total))
        } while stream.remaining > 0
      }
    }
    try root.sync()
  }

  /// Checks that every entry stays inside the folder that it is unpacked to.
  package func checkNames() throws(ArchiveError) { _ = try checkedPaths() }

  /// Where each entry belongs in the folder that it is unpacked to.
  private func checkedPaths() throws(ArchiveError) -> [RelativePath] {
    var paths: [RelativePath] = []
    for entry in entries {
      do throws(RelativePath.Objection) { paths.append(try Self.path(of: entry)) } catch {
        throw .unsafeName(path: path, entry: entry.name, reason: error.reason)
      }
    }
    return paths
  }

  private static func path(of entry: ZipEntry) throws(RelativePath.Objection) -> RelativePath {
    switch entry.kind {
    case .link: throw .init(reason: "is a symbolic link")
    case .special: throw .init(reason: "is a device, pipe or socket")
    case .file, .folder: return try RelativePath(entry.name)
    }
  }
}
