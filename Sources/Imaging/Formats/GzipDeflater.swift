import CZlib
import HostSystem

/// Writes bytes to a file as a gzip stream.
///
/// The stream holds no time and no name, so that equal images make equal files.
final class GzipDeflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 1 << 16)

  /// - Parameter level: 1 (fast) to 9 (small).
  init(level: Int) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let gzip: Int32 = 16
    let status = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, MAX_WBITS + gzip, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib refuses compression level \(level)")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Compresses `bytes`; the last call has `isLast` set.
  func write(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool, to file: borrowing AtomicFile.Writer
  ) throws(FileError) {
    var start = 0
    repeat {
      let count = min(bytes.count - start, 1 << 30)
      stream.pointee.next_in = UnsafeMutableRawPointer(
        mutating: bytes.baseAddress.map { $0 + start })?
        .assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(count)
      start += count
      try drain(flush: isLast && start == bytes.count ? Z_FINISH : Z_NO_FLUSH, to: file)
    } while start < bytes.count
  }

  private func drain(flush: Int32, to file: borrowing AtomicFile.Writer) throws(FileError) {
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
          try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<produced]))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
  }
}
