/// One file or folder of an archive, as the archive's directory states it.
public struct ZipEntry: Hashable, Sendable {
  /// How the bytes of an entry are stored.
  public enum Method: UInt16, Hashable, Sendable {
    case stored = 0
    case deflated = 8
  }

  /// What an entry is.
  public enum Kind: Hashable, Sendable {
    case file
    case folder
    /// A symbolic link.
    case link
    /// A device, pipe or socket.
    case special
  }

  /// The name with `/` between its parts; that of a folder ends in `/`.
  public let name: String
  /// How it is stored.
  public let method: Method
  /// What it is.
  public let kind: Kind
  /// The size in bytes when unpacked.
  public let size: Int
  /// The size in the archive.
  public let compressedSize: Int
  /// The checksum of the unpacked bytes.
  public let checksum: UInt32
  /// Where the bytes begin in the archive.
  let dataOffset: Int
}

/// What is accepted of an archive.
///
/// Sizes are compared with what the archive's directory states, and what is unpacked never exceeds
/// what was stated.
public struct ZipLimits: Hashable, Sendable {
  /// The largest number of entries.
  public var entries: Int
  /// The largest sum of unpacked sizes, bytes.
  public var totalSize: Int
  /// How many times larger than the archive all entries together may be when unpacked.
  public var ratio: Int
  /// Archives whose entries are smaller than this when unpacked may have any ratio.
  public var unsuspiciousSize: Int

  public init(entries: Int, totalSize: Int, ratio: Int, unsuspiciousSize: Int) {
    self.entries = entries
    self.totalSize = totalSize
    self.ratio = ratio
    self.unsuspiciousSize = unsuspiciousSize
  }

  /// For archives of arrays: an array of zeros may be compressed as far as deflate goes.
  public static let arrays = ZipLimits(
    entries: 100_000, totalSize: 256 << 30, ratio: 1040, unsuspiciousSize: 1 << 20)
  /// For archives that are unpacked into folders, such as trained models.
  public static let models = ZipLimits(
    entries: 100_000, totalSize: 256 << 30, ratio: 100, unsuspiciousSize: 64 << 20)
}
