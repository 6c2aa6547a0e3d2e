import CZlib
public import Foundation
public import HostSystem

/// The CRC-32 of a file's content as text, such as `crc32:cbf43926`.
///
/// It finds damage, not intent.
///
/// - Throws: `FileError` when the file cannot be read.
public func checksum(ofFileAt url: URL) throws(FileError) -> String {
  let file = try MappedFile(at: url)
  let value = withExtendedLifetime(file) {
    crc32_z(0, file.bytes.bindMemory(to: UInt8.self).baseAddress, file.bytes.count)
  }
  let digits = String(value, radix: 16)
  return "crc32:" + String(repeating: "0", count: 8 - digits.count) + digits
}
