import CZlib
import HostSystem

/// The unpacked bytes of one entry in order, in memory that does not depend on the entry's size.
///
/// Never gives more bytes than the entry states; at the end the size and the checksum are compared.
package final class ZipEntryStream {
  /// The entry.
  package let entry: ZipEntry
  private let archive: ArchiveBytes
  private let path: String
  private let input: UnsafeRawBufferPointer
  /// On the heap because zlib keeps a pointer back to it; nil for stored entries.
  private let stream: UnsafeMutablePointer<z_stream>?
  private var position = 0
  private var checksum: UInt = 0
  private var isChecked = false

  init(_ entry: ZipEntry, of archive: ArchiveBytes, path: String) throws(ArchiveError) {
    self.entry = entry
    self.archive = archive
    self.path = path
    guard let input = archive.range(entry.dataOffset, entry.compressedSize) else {
      throw .damaged(path: path, entry: entry.name, reason: "its bytes are missing")
    }
    self.input = input
    guard entry.method == .deflated else {
      stream = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.stream = stream
    stream.pointee.next_in = Self.mutable(input.baseAddress)
    guard
      inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else {
      throw .damaged(path: path, entry: entry.name, reason: "zlib could not be started")
    }
  }

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  /// How many bytes are left.
  package var remaining: Int { entry.size - position }

  /// Fills `buffer` with the next bytes; fewer than its size only at the entry's end.
  ///
  /// - Returns: The number of bytes.
  package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    let wanted = min(buffer.count, remaining)
    if wanted > 0 {
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
      let result: Result<Void, ArchiveError>
      do throws(ArchiveError) {
        if let stream {
          try inflate(stream, into: target)
        } else {
          target.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: input[position..<position + wanted]))
        }
        result = .success(())
      } catch {
        result = .failure(error)
      }
      // If the file became shorter, zeros are read; that does not mean that the entry is damaged.
      try archive.requireWhole(path: path, entry: entry.name)
      try result.get()
      checksum = updated(checksum, UnsafeRawBufferPointer(target))
      position += wanted
    }
    if remaining == 0 { try checkEnd() }
    return wanted
  }

  private func inflate(
    _ stream: UnsafeMutablePointer<z_stream>, into target: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) {
    var filled = 0
    while filled < target.count {
      let status = step(stream, into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
      filled += status.produced
      switch status.code {
      case Z_OK: continue
      case Z_STREAM_END where filled == target.count: return
      case Z_STREAM_END: throw damaged("it has fewer bytes than the \(entry.size) it states")
      case Z_BUF_ERROR: throw damaged("the compressed data end too early")
      default: throw damaged("the compressed data are wrong")
      }
    }
  }

  private func step(
    _ stream: UnsafeMutablePointer<z_stream>, into target: UnsafeMutableRawBufferPointer
  ) -> (code: Int32, produced: Int) {
    let room = UInt32(min(target.count, 1 << 30))
    let consumed = stream.pointee.next_in.map { UnsafeRawPointer($0) - input.baseAddress! } ?? 0
    stream.pointee.avail_in = UInt32(min(input.count - consumed, 1 << 30))
    var nothing: UInt8 = 0
    return withUnsafeMutablePointer(to: &nothing) { spare in
      stream.pointee.next_out =
        target.isEmpty ? spare : target.baseAddress!.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = target.isEmpty ? 1 : room
      let offered = stream.pointee.avail_out
      let code = CZlib.inflate(stream, Z_NO_FLUSH)
      return (code, Int(offered - stream.pointee.avail_out))
    }
  }

  /// After the last byte, the compressed data must end, and the checksum must be the stated one.
  private func checkEnd() throws(ArchiveError) {
    guard !isChecked else { return }
    if let stream {
      let status = step(stream, into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      guard status.produced == 0, status.code == Z_STREAM_END, stream.pointee.avail_in == 0
      else { throw damaged("it does not end with the \(entry.size) it states") }
    }
    guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
      throw damaged("its checksum is wrong")
    }
    isChecked = true
  }

  private func damaged(_ reason: String) -> ArchiveError {
    .damaged(path: path, entry: entry.name, reason: reason)
  }

  private static func mutable(_ pointer: UnsafeRawPointer?) -> UnsafeMutablePointer<UInt8>? {
    // zlib declares its input mutable for historical reasons and does not write to it.
    pointer.map { UnsafeMutableRawPointer(mutating: $0).assumingMemoryBound(to: UInt8.self) }
  }
}

/// The checksum of zip archives, continued over more bytes.
func updated(_ checksum: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
  guard let start = bytes.baseAddress else { return checksum }
  return UInt(crc32_z(uLong(checksum), start.assumingMemoryBound(to: UInt8.self), bytes.count))
}
