package import Foundation

/// A file that is written under a temporary name and gets its name only when it is complete.
///
/// Until ``commit()`` the bytes are in a temporary file in the same folder; an object that is
/// released before deletes the temporary file, and the existing file with the name is kept.
///
/// One thread at a time may use it.
package final class PendingFile: @unchecked Sendable {
  private let url: URL
  private let temporary: URL
  private var descriptor: Int32
  private var lock: MakerLock?
  private var isSynced = false
  private var observer: ((UnsafeRawBufferPointer) -> Void)?
  /// The number of appended bytes.
  package private(set) var count = 0

  /// Begins a file that will get the name `url`.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package init(at url: URL) throws(FileError) {
    self.url = url
    while true {
      let temporary = url.deletingLastPathComponent().appending(
        path: TemporaryName.fresh(for: url.lastPathComponent), directoryHint: .notDirectory)
      // The user's umask determines who may read and write it.
      let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .cannotWrite(path: url.path, reason: systemReason()) }
      // Nil if another process swept the file before it was locked.
      if let lock = MakerLock(on: descriptor) {
        self.temporary = temporary
        self.descriptor = descriptor
        self.lock = consume lock
        return
      }
      close(descriptor)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary.path)
  }

  /// Passes all bytes that are appended from now on to `body`, such as for a checksum.
  package func observe(_ body: @escaping (UnsafeRawBufferPointer) -> Void) { observer = body }

  /// Appends bytes.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    observer?(bytes)
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Appends bytes.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    if let observer { bytes.withUnsafeBytes(observer) }
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Appends bytes.
  package func append(_ data: Data) throws(FileError) {
    let result: Result<Void, FileError> = data.withUnsafeBytes { bytes in
      do throws(FileError) { return .success(try append(bytes)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Writes over bytes that were appended before.
  package func replace(at offset: Int, with bytes: [UInt8]) throws(FileError) {
    precondition(offset >= 0 && offset + bytes.count <= count, "replaces what is not there")
    precondition(observer == nil, "the observer has seen what is replaced")
    try write(bytes, at: offset)
  }

  /// Waits until the content is on the disk.
  package func sync() throws(FileError) {
    precondition(descriptor >= 0, "the file is complete already")
    guard fsync(descriptor) == 0 else {
      throw .cannotWrite(path: url.path, reason: systemReason())
    }
    isSynced = true
  }

  /// Gives the file its name, after syncing it if that was not done.
  package func commit() throws(FileError) {
    if !isSynced { try sync() }
    // The lock has its own descriptor, so it is held until the file has its name.
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isClosed, rename(temporary.path, url.path) == 0 else {
      let reason = systemReason()
      unlink(temporary.path)
      lock = nil
      throw .cannotWrite(path: url.path, reason: reason)
    }
    lock = nil
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
    isSynced = false
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
