import HostSystem

/// The unprocessed directories of a TIFF file, one for each page.
///
/// Both forms are read: the classic one with positions of four bytes, and BigTIFF with eight.
struct TIFFDirectory {
  /// The position of an entry's values.
  private struct Entry {
    var type: Int
    var count: Int
    var offset: Int
  }

  private var entries: [Int: Entry] = [:]
  private let file: TIFFBytes

  /// Reads all directories of a file.
  ///
  /// Each is read once: a circular chain is damaged.
  static func all(in file: TIFFBytes) throws(ImagingError) -> [TIFFDirectory] {
    var directories: [TIFFDirectory] = []
    var seen: Set<Int> = []
    var offset = file.isBig ? try file.position(at: 8) : try file.position(at: 4)
    while offset != 0 {
      guard seen.insert(offset).inserted else {
        throw file.damaged("its directories", "a circle", expected: "a chain")
      }
      let (directory, next) = try read(at: offset, in: file)
      directories.append(directory)
      offset = next
    }
    return directories
  }

  private static func read(
    at offset: Int, in file: TIFFBytes
  ) throws(ImagingError) -> (TIFFDirectory, next: Int) {
    var directory = TIFFDirectory(file: file)
    let count = file.isBig ? try file.position(at: offset) : Int(try file.number16(at: offset))
    let (start, size) = file.isBig ? (offset + 8, 20) : (offset + 2, 12)
    guard count <= (file.bytes.count - start) / size else {
      throw file.damaged("a directory's length", "\(count)", expected: "entries within the file")
    }
    for index in 0..<count {
      let place = start + size * index
      let tag = Int(try file.number16(at: place))
      let type = Int(try file.number16(at: place + 2))
      let length = file.isBig ? try file.position(at: place + 4) : try file.position(at: place + 4)
      var entry = Entry(type: type, count: length, offset: place + (file.isBig ? 12 : 8))
      let bytes = checkedProduct([length, Self.size(ofType: type)]) ?? .max
      // Values that do not fit into the entry are elsewhere.
      if bytes > (file.isBig ? 8 : 4) { entry.offset = try file.position(at: entry.offset) }
      guard bytes <= file.bytes.count, entry.offset <= file.bytes.count - bytes else {
        // An entry that is not used does no harm.
        entry.count = -1
        directory.entries[tag] = entry
        continue
      }
      directory.entries[tag] = entry
    }
    return (directory, try file.position(at: start + size * count))
  }

  private init(file: TIFFBytes) { self.file = file }

  /// The bytes of a value; 0 for unsupported types.
  private static func size(ofType type: Int) -> Int {
    switch type {
    case 1, 2, 6, 7: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 0
    }
  }

  /// The whole numbers of an entry; nil if there is none.
  func numbers(_ tag: Int) throws(ImagingError) -> [Int]? {
    guard let entry = entries[tag] else { return nil }
    guard entry.count >= 0, [1, 3, 4, 13, 16, 18].contains(entry.type) else {
      throw file.damaged("the entry \(tag)", "elsewhere", expected: "numbers within the file")
    }
    var numbers: [Int] = []
    numbers.reserveCapacity(entry.count)
    let size = Self.size(ofType: entry.type)
    for index in 0..<entry.count {
      let place = entry.offset + size * index
      switch size {
      case 1: numbers.append(Int(file.bytes[place]))
      case 2: numbers.append(Int(try file.number16(at: place)))
      case 4: numbers.append(Int(try file.number32(at: place)))
      default: numbers.append(Int(clamping: try file.number64(at: place)))
      }
    }
    return numbers
  }

  /// The first number of an entry.
  func number(_ tag: Int, or standard: Int) throws(ImagingError) -> Int {
    try numbers(tag)?.first ?? standard
  }

  /// The text of an entry.
  func text(_ tag: Int) -> String? {
    guard let entry = entries[tag], entry.type == 2, entry.count >= 0 else { return nil }
    return String(
      decoding: file.bytes[entry.offset..<entry.offset + entry.count].prefix { $0 != 0 },
      as: UTF8.self)
  }
}

/// The bytes of a TIFF file; the first two state the byte order.
struct TIFFBytes {
  let bytes: UnsafeRawBufferPointer
  let path: String
  let isBigEndian: Bool
  /// Whether positions have eight bytes.
  let isBig: Bool

  /// Reads the first bytes of a file, whose bytes must all outlive this value.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(ImagingError) {
    self.bytes = bytes
    self.path = path
    isBigEndian = bytes.starts(with: Array("MM".utf8))
    guard isBigEndian || bytes.starts(with: Array("II".utf8)), bytes.count >= 16 else {
      throw .wrongFormat(path: path, format: "TIFF", reason: "it does not begin with II or MM")
    }
    let raw = bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
    switch isBigEndian ? UInt16(bigEndian: raw) : UInt16(littleEndian: raw) {
    case 42: isBig = false
    case 43: isBig = true
    default: throw .wrongFormat(path: path, format: "TIFF", reason: "its magic number is wrong")
    }
  }

  func number16(at offset: Int) throws(ImagingError) -> UInt16 {
    let number = try load(offset, UInt16.self)
    return isBigEndian ? number.bigEndian : number.littleEndian
  }

  func number32(at offset: Int) throws(ImagingError) -> UInt32 {
    let number = try load(offset, UInt32.self)
    return isBigEndian ? number.bigEndian : number.littleEndian
  }

  func number64(at offset: Int) throws(ImagingError) -> UInt64 {
    let number = try load(offset, UInt64.self)
    return isBigEndian ? number.bigEndian : number.littleEndian
  }

  /// A position or a count in the file's form; those beyond any file become as large as possible.
  func position(at offset: Int) throws(ImagingError) -> Int {
    isBig ? Int(clamping: try number64(at: offset)) : Int(try number32(at: offset))
  }

  /// An error about what the file says.
  func damaged(_ field: String, _ value: String, expected: String) -> ImagingError {
    .invalidHeader(path: path, field: field, value: value, expected: expected)
  }

  private func load<Number>(_ offset: Int, _: Number.Type) throws(ImagingError) -> Number {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else {
      throw .truncated(
        path: path, expectedBytes: offset.addingReportingOverflow(8).partialValue,
        availableBytes: bytes.count)
    }
    return bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)
  }
}
