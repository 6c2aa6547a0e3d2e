import CZlib
package import Foundation
package import HostSystem

/// The CRC-32 of bytes that come in pieces.
///
/// It finds damage, not intent.
package struct Checksum: Sendable {
  private var value: UInt = 0

  package init() {}

  /// Takes the next bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    // zlib interprets no bytes at all as a request to start again.
    guard !bytes.isEmpty else { return }
    value = crc32_z(value, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
  }

  /// The sum as text, such as `crc32:cbf43926`.
  package var text: String { "crc32:" + value.zeroPadded(to: 8, radix: 16) }
}

/// The checksum of a file's content.
///
/// - Throws: `FileError` when the file cannot be read.
package func checksum(ofFileAt url: URL) throws(FileError) -> String {
  let file = try MappedFile(at: url)
  var checksum = Checksum()
  withExtendedLifetime(file) { checksum.add(file.bytes) }
  try file.requireWhole()
  return checksum.text
}
