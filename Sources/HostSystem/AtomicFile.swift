package import Foundation

/// Writes files so that neither a reader nor a crash or a full disk leaves or sees half of one.
///
/// The content goes to a temporary file in the same folder, is synced to the disk and renamed over
/// the destination; on any failure, the temporary file is removed and the old content is kept.
package enum AtomicFile {
  /// Writes `data` to `url`.
  ///
  /// - Throws: ``FileError`` naming the file and the system's reason.
  package static func write(_ data: Data, to url: URL) throws(FileError) {
    try write(to: url) { (handle) throws(FileError) in
      try handle.write(data)
    }
  }

  /// Opens a temporary file next to `url`, lets `body` write it, then syncs and renames it.
  package static func write(
    to url: URL, _ body: (borrowing Writer) throws(FileError) -> Void
  ) throws(FileError) {
    let file = try PendingFile(at: url)
    try body(Writer(file: file))
    try file.commit()
  }

  /// The temporary file while it is being written.
  package struct Writer: ~Copyable {
    fileprivate let file: PendingFile

    /// Appends bytes.
    package func write(_ data: Data) throws(FileError) {
      try file.append(data)
    }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
      try file.append(bytes)
    }
  }
}

/// Creates a folder and the folders above it; an existing folder is not changed.
///
/// - Throws: ``FileError/cannotWrite(path:reason:)`` naming the first folder that is in the way.
package func makeFolder(at url: URL) throws(FileError) {
  let path = url.path
  if mkdir(path, 0o777) == 0 { return }
  switch errno {
  case EEXIST:
    guard isFolder(url) else {
      throw .cannotWrite(path: path, reason: "a file with that name is in the way")
    }
  case ENOENT where path != "/" && !path.isEmpty:
    // For "missing/..", this is "missing"; a URL would continue to "missing/../..".
    let parent = (path as NSString).deletingLastPathComponent
    guard !parent.isEmpty else { throw .cannotWrite(path: path, reason: systemReason()) }
    try makeFolder(at: URL(fileURLWithPath: parent))
    // Another thread may have made it in the meantime.
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .cannotWrite(path: path, reason: systemReason())
    }
  default:
    throw .cannotWrite(path: path, reason: systemReason())
  }
}

/// Waits until the names in a folder are on the disk, such as those of files just renamed.
package func syncFolder(at url: URL) throws(FileError) {
  let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .cannotWrite(path: url.path, reason: systemReason()) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else {
    throw .cannotWrite(path: url.path, reason: systemReason())
  }
}

/// Why the last call of the system failed.
package func systemReason() -> String { String(cString: strerror(errno)) }

func systemReason(of error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  if let underlying, underlying.domain == NSPOSIXErrorDomain {
    return String(cString: strerror(Int32(underlying.code)))
  }
  return (error as NSError).localizedDescription
}
