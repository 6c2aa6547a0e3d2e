public import Foundation

/// A file that is being written aside and takes its name only when it is complete.
///
/// Until ``commit()`` the bytes are in a temporary file in the same folder; an object that goes away
/// before takes the temporary file with it, and what was there under the name stays.
public final class PendingFile {
  private let url: URL
  private let temporary: URL
  private var descriptor: Int32
  /// How many bytes were appended.
  public private(set) var count = 0

  /// Begins a file that will be called `url`.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  public init(at url: URL) throws(FileError) {
    self.url = url
    temporary = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).tmp")
    descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: url.path, reason: systemReason()) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary.path)
  }

  /// Appends bytes.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Writes over bytes that were appended before.
  public func replace(at offset: Int, with bytes: [UInt8]) throws(FileError) {
    precondition(offset >= 0 && offset + bytes.count <= count, "replaces what is not there")
    try write(bytes, at: offset)
  }

  /// Syncs the file to the disk and gives it its name.
  public func commit() throws(FileError) {
    precondition(descriptor >= 0, "the file is complete already")
    guard fsync(descriptor) == 0 else {
      throw .cannotWrite(path: url.path, reason: systemReason())
    }
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isClosed, rename(temporary.path, url.path) == 0 else {
      let reason = systemReason()
      unlink(temporary.path)
      throw .cannotWrite(path: url.path, reason: reason)
    }
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    let result: Result<Void, FileError> = bytes.withUnsafeBytes { buffer in
      do throws(FileError) { return .success(try write(buffer, at: offset)) } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    precondition(descriptor >= 0, "the file is complete already")
    var done = 0
    while done < bytes.count {
      let written = pwrite(
        descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30),
        off_t(offset + done))
      if written < 0 {
        if errno == EINTR { continue }
        throw .cannotWrite(path: url.path, reason: systemReason())
      }
      done += written
    }
  }
}
