import CFileMapping
package import Foundation

/// A file mapped read-only into memory; its pages are loaded when they are touched.
///
/// The mapping is private and never written, so threads may share it. If another program makes the
/// file shorter in the meantime, the missing part reads as zeros, and ``requireWhole()`` throws:
/// call it after reading and before trusting the bytes.
package final class MappedFile: @unchecked Sendable {
  /// The file's bytes, valid while the object lives.
  package let bytes: UnsafeRawBufferPointer
  private let path: String
  private let watch: OpaquePointer?

  /// Maps the file at `url`.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``.
  package init(at url: URL) throws(FileError) {
    path = url.path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw missingFile(url, reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .cannotRead(path: path, reason: systemReason())
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw .cannotRead(path: path, reason: "it is a folder")
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      watch = nil
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      address != MAP_FAILED
    else { throw .cannotRead(path: path, reason: systemReason()) }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
    watch = file_mapping_watch(address, size)
  }

  /// Whether a part that was read was missing because the file had become shorter.
  package var isCut: Bool { watch.map { file_mapping_is_cut($0) != 0 } ?? false }

  /// Checks that everything that was read existed.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``.
  package func requireWhole() throws(FileError) {
    guard !isCut else {
      throw .cannotRead(path: path, reason: "it became shorter while it was read")
    }
  }

  deinit {
    if let watch { file_mapping_forget(watch) }
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }
}
