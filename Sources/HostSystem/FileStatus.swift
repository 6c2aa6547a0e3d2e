package import Foundation

/// Whether there is a file or a folder.
package func fileExists(_ url: URL) -> Bool { status(of: url) != nil }

/// Whether there is a folder.
package func isFolder(_ url: URL) -> Bool {
  status(of: url).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
}

/// The size of a file, bytes; nil if there is none.
package func fileSize(_ url: URL) -> Int? { status(of: url).map { Int($0.st_size) } }

/// Whether two names refer to the same file.
package func areSameFile(_ first: URL, _ second: URL) -> Bool {
  guard let first = status(of: first), let second = status(of: second) else { return false }
  return first.st_ino == second.st_ino && first.st_dev == second.st_dev
}

private func status(of url: URL) -> stat? {
  var status = stat()
  return stat(url.path, &status) == 0 ? status : nil
}

/// The free space on the disk of a folder, bytes; nil if the system does not say.
package func freeSpace(in folder: URL) -> Int? {
  var status = statvfs()
  guard statvfs(folder.path, &status) == 0 else { return nil }
  let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(
    by: UInt64(status.f_frsize))
  return overflows ? .max : Int(clamping: bytes)
}
