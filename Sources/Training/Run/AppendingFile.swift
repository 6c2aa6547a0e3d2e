import Foundation
import HostSystem

extension FileHandle {
  /// Opens a file that is there, to write behind its end.
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
