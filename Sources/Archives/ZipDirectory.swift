import HostSystem

/// The reader of a zip archive's directory, which is at the archive's end.
///
/// Format: PKWARE's APPNOTE 6.3.10. Every number is checked against the file; entries that overlap
/// (the trick of the most compact bombs) are refused.
struct ZipDirectory {
  let archive: ArchiveBytes
  let path: String
  let limits: ZipLimits

  /// Where the directory is, according to the record at the archive's end.
  private struct Place {
    var count: Int
    var offset: Int
    var size: Int
    /// Where the end records begin; nothing else in the archive may reach beyond this.
    var end: Int
  }

  func entries() throws(ArchiveError) -> [ZipEntry] {
    let place = try findDirectory()
    guard place.count <= limits.entries else {
      throw .tooLarge(
        path: path, entry: nil,
        reason: "it has \(place.count) entries, more than \(limits.entries)")
    }
    // 46 bytes is the smallest entry: memory is allocated for no more entries than the file can
    // contain.
    guard place.offset <= place.end, place.size <= place.end - place.offset,
      place.count <= place.size / 46
    else { throw damaged("its directory does not fit into the file") }
    var entries: [ZipEntry] = []
    entries.reserveCapacity(place.count)
    var offset = place.offset
    for _ in 0..<place.count {
      let (entry, next) = try readEntry(at: offset, directory: place.offset)
      guard next <= place.offset + place.size else {
        throw damaged("its directory ends within an entry")
      }
      entries.append(entry)
      offset = next
    }
    try checkNames(entries)
    try checkSizes(entries)
    return entries
  }

  // MARK: The end of the archive

  private func findDirectory() throws(ArchiveError) -> Place {
    guard let end = endRecord() else {
      let isZip = archive.number(at: 0, UInt32.self) == 0x0403_4B50
      throw .notAnArchive(
        path: path,
        reason: isZip ? "its end is missing" : "the record that ends every archive is missing")
    }
    guard let disk = archive.number(at: end + 4, UInt16.self),
      let directoryDisk = archive.number(at: end + 6, UInt16.self),
      let countHere = archive.number(at: end + 8, UInt16.self),
      let count = archive.number(at: end + 10, UInt16.self),
      let size = archive.number(at: end + 12, UInt32.self),
      let offset = archive.number(at: end + 16, UInt32.self)
    else { throw damaged("its last record is cut off") }
    if archive.number(at: end - 20, UInt32.self) == 0x0706_4B50 {
      return try largeDirectory(locator: end - 20)
    }
    guard disk == 0, directoryDisk == 0, countHere == count else {
      throw .unsupported(path: path, entry: nil, feature: "it is one part of several")
    }
    return Place(count: Int(count), offset: Int(offset), size: Int(size), end: end)
  }

  /// Where the last record begins: only its comment follows it.
  private func endRecord() -> Int? {
    let size = archive.bytes.count
    guard size >= 22 else { return nil }
    let first = max(0, size - 22 - 65_535)
    for offset in stride(from: size - 22, through: first, by: -1)
    where archive.bytes[offset] == 0x50 {
      guard archive.number(at: offset, UInt32.self) == 0x0605_4B50,
        let comment = archive.number(at: offset + 20, UInt16.self),
        offset + 22 + Int(comment) == size
      else { continue }
      return offset
    }
    return nil
  }

  /// The directory of an archive with numbers beyond 32 bits (zip64).
  private func largeDirectory(locator: Int) throws(ArchiveError) -> Place {
    guard let record = archive.number(at: locator + 8, UInt64.self).flatMap({ Int(exactly: $0) }),
      record <= locator - 56, archive.number(at: record, UInt32.self) == 0x0606_4B50,
      let disk = archive.number(at: record + 16, UInt32.self),
      let count = archive.number(at: record + 32, UInt64.self).flatMap({ Int(exactly: $0) }),
      let size = archive.number(at: record + 40, UInt64.self).flatMap({ Int(exactly: $0) }),
      let offset = archive.number(at: record + 48, UInt64.self).flatMap({ Int(exactly: $0) })
    else { throw damaged("its zip64 record is wrong") }
    guard disk == 0 else {
      throw .unsupported(path: path, entry: nil, feature: "it is one part of several")
    }
    return Place(count: count, offset: offset, size: size, end: record)
  }

  // MARK: Entries

  private func readEntry(
    at offset: Int, directory: Int
  ) throws(ArchiveError) -> (ZipEntry, next: Int) {
    guard archive.number(at: offset, UInt32.self) == 0x0201_4B50,
      let system = archive.number(at: offset + 5, UInt8.self),
      let flags = archive.number(at: offset + 8, UInt16.self),
      let methodCode = archive.number(at: offset + 10, UInt16.self),
      let checksum = archive.number(at: offset + 16, UInt32.self),
      let nameLength = archive.number(at: offset + 28, UInt16.self),
      let extraLength = archive.number(at: offset + 30, UInt16.self),
      let commentLength = archive.number(at: offset + 32, UInt16.self),
      let attributes = archive.number(at: offset + 38, UInt32.self),
      let nameBytes = archive.range(offset + 46, Int(nameLength)),
      let extra = archive.range(offset + 46 + Int(nameLength), Int(extraLength))
    else { throw damaged("its directory has a wrong entry") }
    let name = String(decoding: nameBytes, as: UTF8.self)
    guard flags & 0x2041 == 0 else {
      throw .unsupported(path: path, entry: name, feature: "it is encrypted")
    }
    guard let method = ZipEntry.Method(rawValue: methodCode) else {
      throw .unsupported(
        path: path, entry: name, feature: "it is compressed with method \(methodCode)")
    }
    let numbers = try largeNumbers(at: offset, extra: extra, name: name)
    let entry = ZipEntry(
      name: name, method: method,
      kind: Self.kind(name: name, system: system, attributes: attributes), size: numbers.size,
      compressedSize: numbers.compressed, checksum: checksum,
      dataOffset: try dataOffset(
        header: numbers.header, name: nameBytes, compressedSize: numbers.compressed,
        directory: directory))
    return (entry, offset + 46 + nameBytes.count + extra.count + Int(commentLength))
  }

  private static func kind(name: String, system: UInt8, attributes: UInt32) -> ZipEntry.Kind {
    // The upper half contains the file's mode if the archive was made on Unix (3) or macOS (19).
    let mode = system == 3 || system == 19 ? (attributes >> 16) & 0o170000 : 0
    switch mode {
    case 0o120000: return .link
    case 0o040000: return .folder
    case 0, 0o100000: return name.ends(with: "/") ? .folder : .file
    default: return .special
    }
  }

  /// The sizes of an entry and the place of its header, from its zip64 field if they need 64 bits.
  private func largeNumbers(
    at offset: Int, extra: UnsafeRawBufferPointer, name: String
  ) throws(ArchiveError) -> (size: Int, compressed: Int, header: Int) {
    var large = Self.field(1, of: extra)?[...]
    var numbers: [Int] = []
    for place in [24, 20, 42] {
      guard let short = archive.number(at: offset + place, UInt32.self) else {
        throw damaged("its directory has a wrong entry")
      }
      guard short == .max, let field = large else {
        numbers.append(Int(short))
        continue
      }
      guard field.count >= 8 else { throw damaged("its zip64 field is cut off", name) }
      let value = field.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard let number = Int(exactly: value) else { throw damaged("its size is impossible", name) }
      numbers.append(number)
      large = field.dropFirst(8)
    }
    return (numbers[0], numbers[1], numbers[2])
  }

  /// The extra field with an identifier.
  private static func field(_ identifier: UInt16, of extra: UnsafeRawBufferPointer) -> [UInt8]? {
    var rest = extra[...]
    while rest.count >= 4 {
      let start = rest.startIndex
      let found = UInt16(extra[start]) | UInt16(extra[start + 1]) << 8
      let length = Int(extra[start + 2]) | Int(extra[start + 3]) << 8
      let body = rest.dropFirst(4)
      guard length <= body.count else { return nil }
      if found == identifier { return Array(body.prefix(length)) }
      rest = body.dropFirst(length)
    }
    return nil
  }

  /// Where the bytes of an entry begin, after a header that repeats its name.
  private func dataOffset(
    header: Int, name: UnsafeRawBufferPointer, compressedSize: Int, directory: Int
  ) throws(ArchiveError) -> Int {
    let text = String(decoding: name, as: UTF8.self)
    guard header <= archive.bytes.count, archive.number(at: header, UInt32.self) == 0x0403_4B50,
      let nameLength = archive.number(at: header + 26, UInt16.self),
      let extraLength = archive.number(at: header + 28, UInt16.self),
      let localName = archive.range(header + 30, Int(nameLength)), localName.elementsEqual(name)
    else { throw damaged("the header before its data is wrong", text) }
    let start = header + 30 + Int(nameLength) + Int(extraLength)
    guard start <= directory, compressedSize <= directory - start else {
      throw damaged("its \(compressedSize) bytes do not fit into the file", text)
    }
    return start
  }

  // MARK: Checks over all entries

  private func checkNames(_ entries: [ZipEntry]) throws(ArchiveError) {
    var names: Set<String> = []
    names.reserveCapacity(entries.count)
    for entry in entries where !names.insert(entry.name).inserted {
      throw damaged("it has two entries of this name", entry.name)
    }
  }

  private func checkSizes(_ entries: [ZipEntry]) throws(ArchiveError) {
    var total = 0
    for entry in entries {
      let isPossible =
        entry.method == .stored
        ? entry.size == entry.compressedSize
        // One byte of deflate cannot represent more than 1032 bytes.
        : entry.size / 1032 <= entry.compressedSize
      guard isPossible else {
        throw damaged(
          "\(entry.compressedSize) bytes cannot become the \(entry.size) that it states",
          entry.name)
      }
      let sum = total.addingReportingOverflow(entry.size)
      guard !sum.overflow, sum.partialValue <= limits.totalSize else {
        throw .tooLarge(
          path: path, entry: nil,
          reason: "its entries have more than \(limits.totalSize >> 30) GiB")
      }
      total = sum.partialValue
    }
    if total > limits.unsuspiciousSize, total / limits.ratio > archive.bytes.count {
      throw .tooLarge(
        path: path, entry: nil,
        reason: "it grows from \(archive.bytes.count) to \(total) bytes, more than "
          + "\(limits.ratio) times")
    }
    var reached = 0
    for entry in entries.sorted(by: { $0.dataOffset < $1.dataOffset }) {
      // Headers come before the data: data that begin before the last entry's end overlap it.
      guard entry.dataOffset >= reached + 30 else {
        throw damaged("its data overlap those of another entry", entry.name)
      }
      reached = entry.dataOffset + entry.compressedSize
    }
  }

  private func damaged(_ reason: String, _ entry: String? = nil) -> ArchiveError {
    .damaged(path: path, entry: entry, reason: reason)
  }
}
