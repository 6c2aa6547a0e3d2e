import Foundation
import HostSystem

extension FileHandle {
  /// Opens an existing file to append to it.
  static func appending(to url: URL) throws(FileError) -> FileHandle {
    do {
      let handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
      return handle
    } catch {
      throw .cannotWrite(path: url.path, reason: "\(error)")
    }
  }
}
