import Foundation
import HostSystem

/// A file without a name for numbers that would take too much memory.
///
/// It vanishes with the process, even a killed one. Places that were never written hold zeros and take
/// no room on the disk. Threads may work on different places at once.
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
    let bytes = UnsafeRawBufferPointer(values)
    var done = 0
    while done < bytes.count {
      let written = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset * 4 + done))
      if written > 0 {
        done += written
      } else if errno != EINTR {
        throw Self.failure(path)
      }
    }
  }

  /// Reads numbers, beginning with the one of index `offset`.
  func read(_ values: UnsafeMutableBufferPointer<Float>, at offset: Int) throws(FileError) {
    let bytes = UnsafeMutableRawBufferPointer(values)
    var done = 0
    while done < bytes.count {
      let got = pread(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset * 4 + done))
      if got > 0 {
        done += got
      } else if got == 0 || errno != EINTR {
        throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
      }
    }
  }

  private static func failure(_ path: String) -> FileError {
    .cannotWrite(path: path, reason: String(cString: strerror(errno)))
  }
}
