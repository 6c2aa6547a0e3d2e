import Foundation
import HostSystem

/// The bytes of a file in order, inflated when the file is a gzip stream.
///
/// Nothing is trusted: ``canProvide(_:)`` tells before memory is taken whether the file can hold
/// what its header promises.
struct ByteSource: ~Copyable {
  private let file: MappedFile
  private let path: String
  private let inflater: GzipInflater?
  private var position = 0

  /// Opens the file at `url`; whether it is compressed is seen from its first bytes.
  init(at url: URL) throws(ImagingError) {
    path = url.path
    do throws(FileError) { file = try MappedFile(at: url) } catch { throw .file(error) }
    inflater = file.bytes.starts(with: [0x1F, 0x8B]) ? GzipInflater(file.bytes, path: path) : nil
  }

  /// Whether the file may hold `count` bytes in all: those of a plain file, and for gzip at most
  /// 1032 for each compressed byte, the most that deflate can express.
  func canProvide(_ count: Int) -> Bool {
    guard inflater != nil else { return count <= file.bytes.count }
    return count / 1032 <= file.bytes.count
  }

  /// The size of the file when it is not compressed, -1 otherwise.
  var plainSize: Int { inflater == nil ? file.bytes.count : -1 }

  /// Copies the next bytes into `buffer`.
  ///
  /// - Returns: How many there were; fewer than the buffer's size only at the end.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    if let inflater {
      let result: Result<Int, ImagingError>
      do throws(ImagingError) { result = .success(try inflater.fill(buffer)) } catch {
        result = .failure(error)
      }
      // Of a file that became shorter the inflater sees zeros; that is not what is wrong.
      try requireWhole()
      return try result.get()
    }
    let count = min(buffer.count, file.bytes.count - position)
    buffer.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: file.bytes[position..<position + count]))
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
