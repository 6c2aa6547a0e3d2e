package import Foundation

/// Keeps other runs out of a folder while this one uses it.
///
/// The lock is the system's (`flock`) on the file `.lock`: it ends with the process, however that
/// ends, so that no stale lock remains.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// What a run does in a folder: one may write, or several read.
  package enum Purpose: Sendable {
    case reading
    case writing
  }

  /// Takes the lock; if another run holds it, waits with a message.
  ///
  /// If the file system does not support locks, as on some clusters, the reporter gets a warning
  /// and the work continues.
  ///
  /// - Throws: `FileError` when the folder cannot be written or the file cannot be locked.
  package init(
    folder: URL, for purpose: Purpose = .writing, reporter: some Reporter
  ) throws(FileError) {
    descriptor = try openLock(in: folder)
    let operation = purpose == .writing ? LOCK_EX : LOCK_SH
    guard flock(descriptor, operation | LOCK_NB) != 0 else { return }
    if errno == EWOULDBLOCK {
      reporter.warn("Another run is using \(folder.path); waiting until it finishes.")
    }
    while flock(descriptor, operation) != 0 {
      if errno == EINTR { continue }
      guard systemKnowsNoLocks(errno) else { throw cannotLock(folder) }
      reporter.warn(noLocks(folder))
      return
    }
  }

  /// Takes the lock for writing; nil while another run holds it.
  ///
  /// If the file system does not support locks, the reporter gets a warning and the lock counts as
  /// taken.
  ///
  /// - Throws: `FileError` when the folder cannot be written or the file cannot be locked.
  package init?(
    ifFree folder: URL, reporter: some Reporter
  ) throws(FileError) {
    descriptor = try openLock(in: folder)
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    if errno == EWOULDBLOCK { return nil }
    guard systemKnowsNoLocks(errno) else { throw cannotLock(folder) }
    reporter.warn(noLocks(folder))
  }

  deinit { close(descriptor) }
}

private func lockFile(in folder: URL) -> String { folder.appending(path: ".lock").path }

private func openLock(in folder: URL) throws(FileError) -> Int32 {
  try makeFolder(at: folder)
  let path = lockFile(in: folder)
  let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else {
    throw .cannotWrite(path: path, reason: systemReason())
  }
  return descriptor
}

private func cannotLock(_ folder: URL) -> FileError {
  .cannotWrite(
    path: lockFile(in: folder), reason: "it cannot be locked: \(systemReason())")
}

private func systemKnowsNoLocks(_ code: Int32) -> Bool {
  [ENOSYS, EOPNOTSUPP, ENOLCK].contains(code)
}

private func noLocks(_ folder: URL) -> String {
  "The file system of \(folder.path) has no locks; do not start a second run there before this one has"
    + " ended."
}
