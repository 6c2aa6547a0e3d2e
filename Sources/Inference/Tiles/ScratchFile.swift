import Foundation
import HostSystem

/// A file without a name for numbers that would take too much memory.
///
/// It vanishes with the process, even a killed one. Parts that were never written contain zeros and
/// take no space on the disk. Threads may access different parts at once.
final class ScratchFile: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Makes a file of `count` zeros in `folder`.
  init(in folder: URL, count: Int) throws(FileError) {
    path = folder.appending(path: ".scratch.\(UUID().uuidString.prefix(8)).tmp").path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
    unlink(path)
    guard ftruncate(descriptor, off_t(count * MemoryLayout<Float>.stride)) == 0 else {
      let failure = Self.failure(path)
      close(descriptor)
      throw failure
    }
  }

  deinit { close(descriptor) }

  /// Writes numbers, beginning with the one of index `offset`.
  func write(_ values: UnsafeBufferPointer<Float>, at offset: Int) throws(FileError) {
    try transfer(values.count, at: offset, failure: Self.failure) { done, count, place in
      pwrite(descriptor, UnsafeRawPointer(values.baseAddress!) + done, count, place)
    }
  }

  /// Reads numbers, beginning with the one of index `offset`.
  func read(_ values: UnsafeMutableBufferPointer<Float>, at offset: Int) throws(FileError) {
    try transfer(values.count, at: offset, failure: Self.readFailure) { done, count, place in
      pread(descriptor, UnsafeMutableRawPointer(values.baseAddress!) + done, count, place)
    }
  }

  /// Calls the system until all bytes of `count` numbers are moved.
  ///
  /// `call` gets the number of bytes done, the number left, and their position in the file.
  private func transfer(
    _ count: Int, at offset: Int, failure: (String) -> FileError,
    _ call: (_ done: Int, _ left: Int, _ place: off_t) -> Int
  ) throws(FileError) {
    let size = MemoryLayout<Float>.stride
    var done = 0
    while done < count * size {
      let moved = call(done, count * size - done, off_t(offset * size + done))
      if moved > 0 {
        done += moved
      } else if moved == 0 || errno != EINTR {
        throw failure(path)
      }
    }
  }

  private static func readFailure(_ path: String) -> FileError {
    .cannotRead(path: path, reason: systemReason())
  }

  private static func failure(_ path: String) -> FileError {
    .cannotWrite(path: path, reason: systemReason())
  }
}
