package import Foundation

/// An open folder; files made through it cannot be anywhere else.
///
/// Names are resolved one part at a time relative to the open folder, and no link is followed, so
/// that neither a name nor another program that moves folders can lead a file out of it.
package final class OpenFolder {
  /// The path that messages show.
  package let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    (self.path, self.descriptor) = (path, descriptor)
  }

  deinit { close(descriptor) }

  /// Opens a folder, creating it and those above it if they are missing.
  ///
  /// The folder itself may be a link; below it, no links are followed.
  package convenience init(making url: URL) throws(FileError) {
    try makeFolder(at: url)
    let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotWrite(path: url.path, reason: systemReason()) }
    self.init(path: url.path, descriptor: descriptor)
  }

  /// The folder with a name in this one, created if it is missing.
  package func folder(named name: String) throws(FileError) -> OpenFolder {
    let path = self.path + "/" + name
    guard mkdirat(descriptor, name, 0o777) == 0 || errno == EEXIST else {
      throw .cannotWrite(path: path, reason: systemReason())
    }
    let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else {
      // Linux also says "not a directory" for a link.
      throw .cannotWrite(path: path, reason: "a file or link with that name is in the way")
    }
    return OpenFolder(path: path, descriptor: opened)
  }

  /// Creates a file that `body` writes; none with that name may exist, and after an error, none
  /// does.
  package func makeFile(
    named name: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    let path = self.path + "/" + name
    let file = openat(
      descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw FileError.cannotWrite(path: path, reason: systemReason()) }
    var isOpen = true
    do {
      try body { try Self.write($0, to: file, path: path) }
      #if !os(Linux)
        guard fsync(file) == 0 else {
          throw FileError.cannotWrite(path: path, reason: systemReason())
        }
      #endif
      isOpen = false
      guard close(file) == 0 else {
        throw FileError.cannotWrite(path: path, reason: systemReason())
      }
    } catch {
      if isOpen { close(file) }
      unlinkat(descriptor, name, 0)
      throw error
    }
  }

  /// Waits until everything that was made in the folder is on the disk.
  ///
  /// On Linux, one call waits for the whole file system: waiting for thousands of files one by one
  /// takes minutes.
  package func sync() throws(FileError) {
    #if os(Linux)
      // Swift's module of the C library omits it.
      if let symbol = dlsym(nil, "syncfs") {
        let syncfs = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
        guard syncfs(descriptor) == 0 else {
          throw .cannotWrite(path: path, reason: systemReason())
        }
        return
      }
    #endif
    guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, reason: systemReason()) }
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to file: Int32, path: String
  ) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      #if canImport(Darwin)
        let count = Darwin.write(file, part.baseAddress, part.count)
      #else
        let count = Foundation.write(file, part.baseAddress, part.count)
      #endif
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotWrite(path: path, reason: systemReason())
      }
      rest = rest.dropFirst(count)
    }
  }
}
