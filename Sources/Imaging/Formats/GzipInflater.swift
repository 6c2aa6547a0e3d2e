import CZlib
import HostSystem

/// Inflates a gzip or zlib stream in memory, one buffer at a time.
///
/// Several consecutive gzip streams count as one (parallel compressors write such files); zlib
/// checks each stream's CRC and length.
final class GzipInflater {
  /// What surrounds the compressed bytes.
  enum Wrapping {
    case gzip
    case zlib
  }

  private let input: UnsafeRawBufferPointer
  private let path: String
  private let wrapping: Wrapping
  /// On the heap because zlib keeps a pointer back to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isInitialized = false
  private var isAtEnd = false

  /// Prepares to inflate `input`, which is not empty and must outlive this object.
  init(_ input: UnsafeRawBufferPointer, path: String, wrapping: Wrapping = .gzip) {
    self.input = input
    self.path = path
    self.wrapping = wrapping
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    stream.pointee.next_in = Self.mutable(input.baseAddress!)
    let gzipOnly: Int32 = wrapping == .gzip ? 16 : 0
    isInitialized =
      inflateInit2_(
        stream, MAX_WBITS + gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    if isInitialized { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Inflates into `buffer`; returns fewer bytes than its size only at the end.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    guard isInitialized else {
      throw .damagedCompression(path: path, reason: "zlib could not be started")
    }
    var filled = 0
    while filled < buffer.count, !isAtEnd {
      offerInput()
      let room = UInt32(min(buffer.count - filled, 1 << 30))
      stream.pointee.next_out =
        (buffer.baseAddress! + filled).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = room
      let status = inflate(stream, Z_NO_FLUSH)
      filled += Int(room - stream.pointee.avail_out)
      switch status {
      case Z_OK: continue
      case Z_STREAM_END: try startNextStream()
      case Z_BUF_ERROR:
        throw .damagedCompression(path: path, reason: "the compressed data end too early")
      case Z_MEM_ERROR:
        throw .damagedCompression(path: path, reason: "there is not enough memory to inflate it")
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
        throw .damagedCompression(path: path, reason: "the compressed data are wrong (\(reason))")
      }
    }
    return filled
  }

  private var consumed: Int {
    UnsafeRawPointer(stream.pointee.next_in!) - input.baseAddress!  // lint: set at the start
  }

  private func offerInput() {
    stream.pointee.avail_in = UInt32(min(input.count - consumed, 1 << 30))
  }

  /// A stream is followed by the end, another stream, or padding with zeros.
  private func startNextStream() throws(ImagingError) {
    let rest = input[consumed...]
    guard wrapping == .gzip else {
      // Bytes after a zlib stream belong to something else: MetaImage and TIFF state the length of
      // theirs.
      isAtEnd = true
      return
    }
    if rest.starts(with: [0x1F, 0x8B]) {
      inflateReset(stream)
    } else if rest.allSatisfy({ $0 == 0 }) {
      isAtEnd = true
    } else {
      throw .damagedCompression(
        path: path, reason: "\(rest.count) bytes that are not gzip data follow the compressed data")
    }
  }

  private static func mutable(_ pointer: UnsafeRawPointer) -> UnsafeMutablePointer<UInt8> {
    // zlib declares its input mutable for historical reasons and does not write to it.
    UnsafeMutableRawPointer(mutating: pointer).assumingMemoryBound(to: UInt8.self)
  }
}
