/// One file or folder of an archive, according to the archive's directory.
package struct ZipEntry: Hashable, Sendable {
  /// How the bytes of an entry are stored.
  package enum Method: UInt16, Hashable, Sendable {
    case stored = 0
    case deflated = 8
  }

  /// The kind of an entry.
  package enum Kind: Hashable, Sendable {
    case file
    case folder
    /// A symbolic link.
    case link
    /// A device, pipe or socket.
    case special
  }

  /// The name with `/` between its parts; that of a folder ends in `/`.
  package let name: String
  /// How it is stored.
  package let method: Method
  /// What it is.
  package let kind: Kind
  /// The size in bytes when unpacked.
  package let size: Int
  /// The size in the archive.
  package let compressedSize: Int
  /// The checksum of the unpacked bytes.
  package let checksum: UInt32
  /// Where the bytes begin in the archive.
  let dataOffset: Int
}

/// What an archive may contain.
///
/// Sizes are compared with those in the archive's directory, and unpacking never exceeds these.
package struct ZipLimits: Hashable, Sendable {
  /// The largest number of entries.
  package var entries: Int
  /// The largest sum of unpacked sizes, bytes.
  package var totalSize: Int
  /// How many times larger than the archive all entries together may be when unpacked.
  package var ratio: Int
  /// Archives whose entries are smaller than this when unpacked may have any ratio.
  package var unsuspiciousSize: Int

  package init(entries: Int, totalSize: Int, ratio: Int, unsuspiciousSize: Int) {
    self.entries = entries
    self.totalSize = totalSize
    self.ratio = ratio
    self.unsuspiciousSize = unsuspiciousSize
  }

  /// For archives of arrays: an array of zeros may be compressed as far as deflate goes.
  package static let arrays = ZipLimits(
    entries: 100_000, totalSize: 256 << 30, ratio: 1040, unsuspiciousSize: 1 << 20)
  /// For archives that are unpacked into folders, such as trained models.
  package static let models = ZipLimits(
    entries: 100_000, totalSize: 256 << 30, ratio: 100, unsuspiciousSize: 64 << 20)
}
