import Foundation
import HostSystem

/// The bytes of an archive, in a file or in memory; nothing changes them, so that threads may share them.
final class ArchiveBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let file: MappedFile?
  private let memory: UnsafeMutableRawBufferPointer?

  init(at url: URL) throws(FileError) {
    let file = try MappedFile(at: url)
    self.file = file
    memory = nil
    bytes = file.bytes
  }

  init(copying content: [UInt8]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 16)
    memory.copyBytes(from: content)
    self.memory = memory
    file = nil
    bytes = UnsafeRawBufferPointer(memory)
  }

  /// Checks that the file did not become shorter while it was read.
  func requireWhole(path: String, entry: String?) throws(ArchiveError) {
    guard file?.isCut != true else {
      throw .damaged(path: path, entry: entry, reason: "it became shorter while it was read")
    }
  }

  deinit { memory?.deallocate() }

  /// The little-endian number at `offset`; nil if the file ends before it.
  func number<Number: FixedWidthInteger>(at offset: Int, _: Number.Type) -> Number? {
    let width = MemoryLayout<Number>.size
    guard offset >= 0, offset <= bytes.count - width else { return nil }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// A range of bytes; nil if the file ends before it.
  func range(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      return nil
    }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }
}
