import Foundation
import HostSystem

/// Keeps other runs out of a folder while this one works in it.
///
/// The lock is the system's (`flock`) on the file `.lock`: it ends with the process, however that
/// ends, so that no stale lock is ever left.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock; waits, and says so, while another run holds it.
  ///
  /// - Throws: `FileError` when the folder cannot be written or its file system knows no locks.
  init(folder: URL, reporter: some HostSystem.ProgressReporting) throws(FileError) {
    try makeFolder(at: folder)
    let path = folder.appending(path: ".lock").path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    if errno == EWOULDBLOCK {
      reporter.warn("Another run works in \(folder.path); waiting until it has finished.")
    }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw .cannotWrite(
          path: path, reason: "it cannot be locked: \(String(cString: strerror(errno)))")
      }
    }
  }

  deinit { close(descriptor) }
}

/// Checks that the disk of a folder has room for what will be written there.
///
/// - Parameters:
///   - bytes: What will be written in addition to what is there.
///   - purpose: What it is, for the message.
/// - Throws: ``PreprocessingError/notEnoughSpace(folder:needed:available:purpose:)``.
func requireSpace(_ bytes: Int, in folder: URL, for purpose: String) throws(PreprocessingError) {
  var status = statvfs()
  guard statvfs(folder.path, &status) == 0 else { return }
  let available = Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  guard bytes > available else { return }
  throw .notEnoughSpace(
    folder: folder.path, needed: bytes, available: available, purpose: purpose)
}
