import HostSystem

/// The entries of a zip archive with uncompressed files, as PyTorch writes them.
///
/// Nothing is copied: entries are parts of the mapped file. Archives above 4 GB (zip64) are read.
struct StoredArchive {
  private let file: MappedFile
  private let path: String
  /// The positions of the entries' bytes in the file, by their names without the archive's top
  /// folder.
  private(set) var places: [String: Range<Int>] = [:]

  /// Reads the directory; every position is checked against the file's size.
  init(_ file: MappedFile, path: String) throws(ExchangeError) {
    self.file = file
    self.path = path
    var position = try directory()
    while position + 46 <= file.bytes.count, number(4, at: position) == 0x0201_4b50 {
      position = try readEntry(at: position)
    }
  }

  /// Whether the file begins like a zip archive.
  static func isArchive(_ file: MappedFile) -> Bool {
    file.bytes.count > 4 && file.bytes.loadUnaligned(as: UInt32.self).littleEndian == 0x0403_4b50
  }

  /// The bytes of an entry, valid as long as the file.
  func bytes(of name: String) -> UnsafeRawBufferPointer? {
    places[name].map { UnsafeRawBufferPointer(rebasing: file.bytes[$0]) }
  }

  private func directory() throws(ExchangeError) -> Int {
    let count = file.bytes.count
    // The end record may be followed by a comment of up to 65535 bytes.
    var position = count - 22
    while position >= 0, number(4, at: position) != 0x0605_4b50 {
      position -= 1
      if position < count - 22 - 65535 { break }
    }
    guard position >= 0, number(4, at: position) == 0x0605_4b50 else {
      throw damaged("the directory of the archive is missing; the file is cut off")
    }
    var offset = number(4, at: position + 16)
    if offset == 0xffff_ffff, position >= 20, number(4, at: position - 20) == 0x0706_4b50 {
      let record = number(8, at: position - 12)
      guard record >= 0, record <= count - 56, number(4, at: record) == 0x0606_4b50 else {
        throw damaged("the large directory is out of place")
      }
      offset = number(8, at: record + 48)
    }
    guard offset >= 0, offset < count else {
      throw damaged("the directory lies beyond the end of the file")
    }
    return offset
  }

  private mutating func readEntry(at position: Int) throws(ExchangeError) -> Int {
    let count = file.bytes.count
    let nameLength = number(2, at: position + 28)
    let extraLength = number(2, at: position + 30)
    let end = position + 46 + nameLength + extraLength + number(2, at: position + 32)
    guard end <= count else { throw damaged("an entry of the directory is cut off") }
    let name = String(
      decoding: file.bytes[position + 46..<position + 46 + nameLength], as: UTF8.self)
    guard number(2, at: position + 10) == 0 else { throw damaged("\(name) is compressed") }
    var sizes = [
      number(4, at: position + 24), number(4, at: position + 20), number(4, at: position + 42),
    ]
    try extend(&sizes, extraAt: position + 46 + nameLength, length: extraLength)
    let (size, start) = (sizes[0], sizes[2])
    guard start >= 0, start <= count - 30, number(4, at: start) == 0x0403_4b50 else {
      throw damaged("\(name) is out of place")
    }
    let data = start + 30 + number(2, at: start + 26) + number(2, at: start + 28)
    guard size >= 0, data <= count, size <= count - data, sizes[1] == size else {
      throw damaged("\(name) claims \(size) bytes, which the file does not have")
    }
    // "archive/data.pkl": the top folder has the name of the originally saved file.
    let inner =
      name.parts(at: "/", maxSplits: 1, omittingEmpty: false).last.map(String.init) ?? name
    places[inner] = data..<data + size
    return end
  }

  /// Replaces numbers of 0xffffffff with the 64-bit numbers in the extra field.
  private func extend(
    _ sizes: inout [Int], extraAt start: Int, length: Int
  ) throws(ExchangeError) {
    var position = start
    while position + 4 <= start + length {
      let size = number(2, at: position + 2)
      if number(2, at: position) == 1 {
        var field = position + 4
        for index in sizes.indices where sizes[index] == 0xffff_ffff {
          guard field + 8 <= min(position + 4 + size, start + length) else {
            throw damaged("a large entry lacks its size")
          }
          sizes[index] = number(8, at: field)
          field += 8
        }
      }
      position += 4 + size
    }
  }

  /// A little-endian number; -1 if it does not match.
  private func number(_ size: Int, at position: Int) -> Int {
    guard position >= 0, position + size <= file.bytes.count else { return -1 }
    var value: UInt64 = 0
    for byte in file.bytes[position..<position + size].reversed() {
      value = value << 8 | UInt64(byte)
    }
    return Int(exactly: value) ?? -1
  }

  private func damaged(_ reason: String) -> ExchangeError {
    .damagedTorchFile(path: path, reason: reason)
  }
}
