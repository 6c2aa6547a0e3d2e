import Foundation
import HostSystem

/// Moves files that were written aside to where they belong, in their order, and prints their places.
///
/// - Parameters:
///   - names: Their paths below both folders.
///   - aside: Where they are, on the same disk.
///   - folder: Where they go; folders that are missing are made.
func moveFiles(_ names: [String], from aside: URL, to folder: URL) throws {
  for name in names {
    let file = folder.appending(path: name)
    try makeFolder(at: file.deletingLastPathComponent())
    guard rename(aside.appending(path: name).path, file.path) == 0 else {
      throw FileError.cannotWrite(path: file.path, reason: String(cString: strerror(errno)))
    }
    Console.print("wrote \(file.path)")
  }
}
