import Foundation

/// A pipe that shows a child when its parent has ended.
///
/// A killed process cannot tell its children anything. The parent holds the writing end, which the
/// system closes when the parent ends; the child reads the other end and notices this.
final class Lifeline {
  private let readingEnd: Int32
  private let writingEnd: Int32

  /// The environment variable that tells a child its end of the pipe: descriptor and inode.
  static let variable = "NNUNET_PARENT_PIPE"

  /// Opens a pipe whose reading end the next child inherits.
  init() throws(FileError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw .cannotRead(path: "a pipe", reason: systemReason())
    }
    (readingEnd, writingEnd) = (ends[0], ends[1])
    // It does no harm that other children also inherit the reading end.
    _ = fcntl(writingEnd, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(writingEnd) }

  /// Closes the child's end, which the child has now.
  func closeReadingEnd() { close(readingEnd) }

  /// The value of the variable.
  var text: String { "\(readingEnd):\(Self.inode(of: readingEnd) ?? 0)" }

  /// The descriptor that the variable names, if it is still that pipe: the variable may have been
  /// inherited through many processes, such as in a job of a batch system.
  static func descriptor(from text: String) -> Int32? {
    let parts = text.utf8.split(separator: UInt8(ascii: ":")).map { String(Substring($0)) }
    guard parts.count == 2, let descriptor = Int32(parts[0]), let inode = UInt64(parts[1]),
      self.inode(of: descriptor) == inode
    else { return nil }
    return descriptor
  }

  /// The inode of a pipe; nil for everything else.
  private static func inode(of descriptor: Int32) -> UInt64? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
    return UInt64(status.st_ino)
  }
}
