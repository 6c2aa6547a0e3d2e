package import Foundation
import HostSystem

/// Writes zip archives, stored or deflated, of any size, in memory that does not depend on it.
///
/// The archive is written to a temporary file and appears under its name with ``finish()``; a
/// writer that is released before leaves nothing behind. Archives with equal content are equal: no
/// time is stored.
package final class ZipWriter {
  /// How an entry's bytes are stored.
  package enum Compression: Hashable, Sendable {
    case stored
    /// Deflated with a level of 1 (fast) to 9 (small).
    case deflated(level: Int)

    /// Deflated as Python's zipfile and numpy do.
    package static let standard = Compression.deflated(level: 6)
  }

  private struct Record {
    var name: [UInt8]
    var method: UInt16
    var checksum: UInt = 0
    var size = 0
    var compressedSize = 0
    var header: Int
  }

  private let file: PendingFile
  private var records: [Record] = []
  private var names: Set<String> = []
  private var open: Record?
  private var deflater: Deflater?

  /// Begins an archive that will get the name `url`.
  package init(to url: URL) throws { file = try PendingFile(at: url) }

  /// Adds an entry with these bytes.
  package func add(
    _ name: String, _ bytes: [UInt8], compression: Compression = .standard
  ) throws {
    try begin(name, compression: compression)
    try bytes.withUnsafeBytes { try append($0) }
    try end()
  }

  /// Adds an entry with the content of a file.
  package func add(_ name: String, file: URL, compression: Compression = .standard) throws {
    let content = try MappedFile(at: file)
    try begin(name, compression: compression)
    for start in stride(from: 0, to: content.bytes.count, by: 1 << 22) {
      let end = min(start + 1 << 22, content.bytes.count)
      try append(UnsafeRawBufferPointer(rebasing: content.bytes[start..<end]))
    }
    try content.requireWhole()
    try end()
  }

  /// Begins an entry, whose bytes follow with ``append(_:)``; its size need not be known.
  ///
  /// - Precondition: No entry is open, and the name is new.
  package func begin(_ name: String, compression: Compression = .standard) throws {
    precondition(open == nil, "the entry before '\(name)' has not ended")
    precondition(names.insert(name).inserted, "there are two entries '\(name)'")
    let method: ZipEntry.Method
    switch compression {
    case .stored: (method, deflater) = (.stored, nil)
    case .deflated(let level): (method, deflater) = (.deflated, Deflater(.raw, level: level))
    }
    let record = Record(name: Array(name.utf8), method: method.rawValue, header: file.count)
    try file.append(localHeader(record))
    open = record
  }

  /// Appends bytes to the open entry.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    precondition(open != nil, "there is no open entry")
    let checksum = updated(open?.checksum ?? 0, bytes)
    open?.checksum = checksum
    open?.size += bytes.count
    try write(bytes, isLast: false)
  }

  /// Ends the open entry.
  package func end() throws {
    guard open != nil else { preconditionFailure("there is no open entry") }
    try write(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    guard let record = open else { return }
    try file.replace(at: record.header, with: localHeader(record))
    records.append(record)
    (open, deflater) = (nil, nil)
  }

  /// Writes the directory and gives the archive its name.
  package func finish() throws {
    precondition(open == nil, "the last entry has not ended")
    let start = file.count
    for record in records { try file.append(directoryEntry(record)) }
    try file.append(endRecords(start: start, size: file.count - start))
    try file.commit()
  }

  private func write(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws {
    if let deflater {
      try deflater.write(bytes, isLast: isLast) { output throws(FileError) in
        open?.compressedSize += output.count
        try file.append(output)
      }
    } else {
      open?.compressedSize += bytes.count
      try file.append(bytes)
    }
  }

  // MARK: Records

  /// Version 4.5 (zip64), UTF-8 names, 1 January 1980.
  private func common(_ record: Record) -> [UInt8] {
    littleEndian(UInt16(45)) + littleEndian(UInt16(0x0800)) + littleEndian(record.method)
      + littleEndian(UInt16(0)) + littleEndian(UInt16(0x0021))
      + littleEndian(UInt32(truncatingIfNeeded: record.checksum))
  }

  /// The header before an entry's data, with room for sizes of 64 bits.
  private func localHeader(_ record: Record) -> [UInt8] {
    littleEndian(UInt32(0x0403_4B50)) + common(record) + littleEndian(UInt32.max)
      + littleEndian(UInt32.max) + littleEndian(UInt16(record.name.count))
      + littleEndian(UInt16(20)) + record.name + littleEndian(UInt16(1))
      + littleEndian(UInt16(16)) + littleEndian(UInt64(record.size))
      + littleEndian(UInt64(record.compressedSize))
  }

  private func directoryEntry(_ record: Record) -> [UInt8] {
    var large: [UInt8] = []
    func short(_ number: Int) -> [UInt8] {
      guard number >= Int(UInt32.max) else { return littleEndian(UInt32(number)) }
      large += littleEndian(UInt64(number))
      return littleEndian(UInt32.max)
    }
    // The zip64 field lists size, compressed size and place in this order, unlike the record.
    let size = short(record.size)
    let compressedSize = short(record.compressedSize)
    let header = short(record.header)
    let extra =
      large.isEmpty ? [] : littleEndian(UInt16(1)) + littleEndian(UInt16(large.count)) + large
    let mode: UInt32 = record.name.last == UInt8(ascii: "/") ? 0o040755 : 0o100644
    return littleEndian(UInt32(0x0201_4B50)) + littleEndian(UInt16(3 << 8 | 45)) + common(record)
      + compressedSize + size + littleEndian(UInt16(record.name.count))
      + littleEndian(UInt16(extra.count)) + littleEndian(UInt16(0)) + littleEndian(UInt16(0))
      + littleEndian(UInt16(0)) + littleEndian(mode << 16) + header + record.name + extra
  }

  private func endRecords(start: Int, size: Int) -> [UInt8] {
    let needsLarge =
      records.count >= Int(UInt16.max) || start >= Int(UInt32.max) || size >= Int(UInt32.max)
    var bytes: [UInt8] = []
    if needsLarge {
      bytes += littleEndian(UInt32(0x0606_4B50)) + littleEndian(UInt64(44))
      bytes += littleEndian(UInt16(3 << 8 | 45)) + littleEndian(UInt16(45))
      bytes += littleEndian(UInt32(0)) + littleEndian(UInt32(0))
      bytes += littleEndian(UInt64(records.count)) + littleEndian(UInt64(records.count))
      bytes += littleEndian(UInt64(size)) + littleEndian(UInt64(start))
      bytes += littleEndian(UInt32(0x0706_4B50)) + littleEndian(UInt32(0))
      bytes += littleEndian(UInt64(start + size)) + littleEndian(UInt32(1))
    }
    let count = littleEndian(UInt16(clamping: needsLarge ? Int.max : records.count))
    bytes += littleEndian(UInt32(0x0605_4B50)) + littleEndian(UInt32(0)) + count + count
    bytes += littleEndian(UInt32(clamping: needsLarge ? Int.max : size))
    bytes += littleEndian(UInt32(clamping: needsLarge ? Int.max : start))
    return bytes + littleEndian(UInt16(0))
  }
}

private func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
