import Foundation
import HostSystem

/// The bytes of a file in order from a given byte, inflated if they are compressed.
///
/// Nothing is trusted: before memory is allocated, ``canProvide(_:)`` shows whether the file can
/// contain what its header states.
struct ByteSource: ~Copyable {
  /// How bytes are compressed.
  enum Packing {
    case plain
    case gzip
    /// A zlib or a gzip stream, by its first bytes.
    case zlib
  }

  private let file: MappedFile
  private let path: String
  /// The part of the file that is read.
  private let content: UnsafeRawBufferPointer
  private let inflater: GzipInflater?
  private var position = 0

  /// Opens the file at `url` to read it from the byte `offset`.
  ///
  /// Without a packing, the bytes are inflated if they begin like a gzip stream.
  init(at url: URL, from offset: Int = 0, packing: Packing? = nil) throws(ImagingError) {
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(at: url) } catch { throw .file(error) }
    let content = UnsafeRawBufferPointer(
      rebasing: file.bytes[min(max(offset, 0), file.bytes.count)...])
    inflater = try Self.inflater(of: content, packing, path: url.path)
    (self.file, self.content, path) = (file, content, url.path)
  }

  private static func inflater(
    of content: UnsafeRawBufferPointer, _ packing: Packing?, path: String
  ) throws(ImagingError) -> GzipInflater? {
    let isGzip = content.starts(with: [0x1F, 0x8B])
    switch packing {
    case .plain: return nil
    case nil: return isGzip ? GzipInflater(content, path: path) : nil
    case .gzip, .zlib:
      guard !content.isEmpty else {
        throw .damagedCompression(path: path, reason: "the compressed data are missing")
      }
      let wrapping: GzipInflater.Wrapping = packing == .gzip || isGzip ? .gzip : .zlib
      return GzipInflater(content, path: path, wrapping: wrapping)
    }
  }

  /// Whether the file can contain `count` bytes in total: those of a plain file, and for gzip at
  /// most 1032 per compressed byte, the maximum of deflate.
  func canProvide(_ count: Int) -> Bool {
    guard inflater != nil else { return count <= content.count }
    return count / 1032 <= content.count
  }

  /// The size of the file if it is not compressed, otherwise -1.
  var plainSize: Int { inflater == nil ? content.count : -1 }

  /// Copies the next bytes into `buffer`.
  ///
  /// - Returns: The number of bytes; fewer than the buffer's size only at the end.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    if let inflater {
      let result: Result<Int, ImagingError>
      do throws(ImagingError) { result = .success(try inflater.fill(buffer)) } catch {
        result = .failure(error)
      }
      // If the file became shorter, the inflater sees zeros; the compressed data are not the
      // problem.
      try requireWhole()
      return try result.get()
    }
    let count = min(buffer.count, content.count - position)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: content[position..<position + count]))
    try requireWhole()
    position += count
    return count
  }

  private func requireWhole() throws(ImagingError) {
    do throws(FileError) { try file.requireWhole() } catch { throw .file(error) }
  }

  /// The next `count` bytes, or as many as there are.
  mutating func bytes(upTo count: Int) throws(ImagingError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withFilledBytes { (buffer) throws(ImagingError) in try fill(buffer) }
    return Array(bytes.prefix(filled))
  }

  /// Passes over the next `count` bytes, or as many as there are.
  ///
  /// - Returns: Whether there are so many.
  /// - Throws: ``ImagingError`` for a file that cannot be read or is damaged.
  mutating func skip(_ count: Int) throws(ImagingError) -> Bool {
    var rest = count
    while rest > 0 {
      let skipped = try bytes(upTo: min(rest, 1 << 16)).count
      guard skipped > 0 else { return false }
      rest -= skipped
    }
    return true
  }

  /// Reads to the end, so that a damaged end of a compressed file is noticed.
  mutating func finish() throws(ImagingError) {
    guard let inflater else { return }
    var scratch = [UInt8](repeating: 0, count: 1 << 16)
    while try scratch.withFilledBytes({ (buffer) throws(ImagingError) in
      try inflater.fill(buffer)
    }) > 0 {}
    try requireWhole()
  }
}

extension [UInt8] {
  /// `withUnsafeMutableBytes` that throws a typed error.
  mutating func withFilledBytes<Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    let result: Result<Int, Failure> = withUnsafeMutableBytes { buffer in
      do throws(Failure) { return .success(try body(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
