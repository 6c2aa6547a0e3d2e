package import Foundation
import HostSystem

/// Reads zip archives: stored and deflated entries, sizes beyond 4 GiB, nothing encrypted.
///
/// The directory is checked as a whole when the archive is opened: sizes against the file and the
/// limits, before memory is allocated for them. May be shared between threads.
package struct ZipReader: Sendable {
  /// The entries in the order of the archive's directory.
  package let entries: [ZipEntry]
  /// The path that messages show.
  package let path: String
  private let archive: ArchiveBytes
  private let positions: [String: Int]

  /// Opens the archive at `url`.
  ///
  /// - Throws: ``ArchiveError``, or `FileError` when the file cannot be read.
  package init(at url: URL, limits: ZipLimits = .arrays) throws {
    try self.init(ArchiveBytes(at: url), path: url.path, limits: limits)
  }

  /// Opens an archive in memory; messages call it `path`.
  package init(
    copying bytes: [UInt8], path: String, limits: ZipLimits = .arrays
  ) throws(ArchiveError) {
    try self.init(ArchiveBytes(copying: bytes), path: path, limits: limits)
  }

  private init(_ archive: ArchiveBytes, path: String, limits: ZipLimits) throws(ArchiveError) {
    self.archive = archive
    self.path = path
    entries = try ZipDirectory(archive: archive, path: path, limits: limits).entries()
    // lint: a directory that names an entry twice is refused
    positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  /// The entry with a name.
  package func entry(named name: String) throws(ArchiveError) -> ZipEntry {
    guard let position = positions[name] else {
      throw .noEntry(path: path, name: name, names: entries.map(\.name))
    }
    return entries[position]
  }

  /// Whether there is an entry with a name.
  package func contains(_ name: String) -> Bool { positions[name] != nil }

  /// The bytes of an entry as a stream.
  package func stream(_ entry: ZipEntry) throws(ArchiveError) -> ZipEntryStream {
    try ZipEntryStream(entry, of: archive, path: path)
  }

  /// The bytes of an entry, checked.
  package func read(_ entry: ZipEntry) throws(ArchiveError) -> [UInt8] {
    let stream = try stream(entry)
    var failure: ArchiveError?
    let bytes = [UInt8](unsafeUninitializedCapacity: entry.size) { buffer, count in
      do throws(ArchiveError) {
        count = try stream.fill(
          UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: entry.size))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The bytes of the entry with a name, checked.
  package func read(_ name: String) throws(ArchiveError) -> [UInt8] {
    try read(entry(named: name))
  }
}
