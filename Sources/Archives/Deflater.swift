import CZlib
package import HostSystem

/// Compresses bytes with zlib, in memory that does not depend on their number.
///
/// The result contains no time and no name, so that equal bytes make equal files.
package final class Deflater {
  /// What surrounds the compressed bytes.
  package enum Format: Hashable, Sendable {
    /// Nothing, as in the entries of zip archives.
    case raw
    /// The header and the checksum of a gzip file.
    case gzip
    /// The header and the checksum of a zlib stream, as in MetaImage and TIFF files.
    case zlib

    fileprivate var windowBits: Int32 {
      switch self {
      case .raw: -MAX_WBITS
      case .gzip: MAX_WBITS + 16
      case .zlib: MAX_WBITS
      }
    }
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 1 << 16)

  /// Begins a stream.
  ///
  /// - Parameters:
  ///   - format: What surrounds the compressed bytes.
  ///   - level: 1 (fast) to 9 (small).
  package init(_ format: Format, level: Int) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, format.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib refuses compression level \(level)")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Compresses `bytes` and hands the result on; the last call has `isLast` set.
  package func write(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool,
    to sink: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    var start = 0
    repeat {
      let count = min(bytes.count - start, 1 << 30)
      stream.pointee.next_in = UnsafeMutableRawPointer(
        mutating: bytes.baseAddress.map { $0 + start })?
        .assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(count)
      start += count
      try drain(flush: isLast && start == bytes.count ? Z_FINISH : Z_NO_FLUSH, to: sink)
    } while start < bytes.count
  }

  private func drain(
    flush: Int32, to sink: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    var isFull = true
    while isFull {
      var failure: FileError?
      output.withUnsafeMutableBytes { buffer in
        stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(buffer.count)
        let status = deflate(stream, flush)
        precondition(status != Z_STREAM_ERROR, "the deflate stream was used wrongly")
        let produced = buffer.count - Int(stream.pointee.avail_out)
        isFull = stream.pointee.avail_out == 0
        do throws(FileError) {
          try sink(UnsafeRawBufferPointer(rebasing: buffer[..<produced]))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
  }
}
