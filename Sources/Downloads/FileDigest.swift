package import Foundation
package import HostSystem

/// A digest that identifies a file, such as `sha256:9f86d0…` or `md5:098f6b…`.
package struct FileDigest: Hashable, Sendable, CustomStringConvertible {
  /// The algorithm of a digest.
  package enum Algorithm: String, Sendable {
    case md5, sha256

    var byteCount: Int { self == .md5 ? 16 : 32 }
  }

  package let algorithm: Algorithm
  /// The digest's bytes as lowercase hexadecimal digits.
  package let digits: String

  /// Reads `md5:DIGITS` or `sha256:DIGITS`.
  package init(parsing text: String) throws(DownloadError) {
    let parts = text.parts(at: ":", maxSplits: 1)
    guard parts.count == 2, let algorithm = Algorithm(rawValue: parts[0].lowercased()),
      parts[1].utf8.count == 2 * algorithm.byteCount, parts[1].utf8.allSatisfy(isHexadecimal)
    else { throw .unknownChecksum(text: text) }
    self.algorithm = algorithm
    digits = parts[1].lowercased()
  }

  init(algorithm: Algorithm, bytes: [UInt8]) {
    self.algorithm = algorithm
    digits = bytes.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }

  /// The digest of a file's content.
  ///
  /// - Throws: `FileError` when the file cannot be read.
  package init(_ algorithm: Algorithm, ofFileAt url: URL) throws(FileError) {
    let file = try MappedFile(at: url)
    self = withExtendedLifetime(file) { FileDigest(algorithm, of: file.bytes) }
    try file.requireWhole()
  }

  /// The digest of bytes.
  package init(_ algorithm: Algorithm, of bytes: UnsafeRawBufferPointer) {
    let result =
      switch algorithm {
      case .md5: MD5.digest(of: bytes)
      case .sha256: SHA256.digest(of: bytes)
      }
    self.init(algorithm: algorithm, bytes: result)
  }

  package var description: String { "\(algorithm.rawValue):\(digits)" }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}

/// Passes the 64-byte blocks of a message to `process`, the last ones padded.
///
/// The padding is a bit 1, zeros, and the message's length in bits.
func forEachBlock(
  of bytes: UnsafeRawBufferPointer, lengthIsBigEndian: Bool, _ process: (UnsafeRawPointer) -> Void
) {
  let whole = bytes.count / 64 * 64
  for offset in stride(from: 0, to: whole, by: 64) { process(bytes.baseAddress! + offset) }
  var tail = Array(bytes[whole...])
  tail.append(0x80)
  while tail.count % 64 != 56 { tail.append(0) }
  let bits = UInt64(bytes.count) << 3
  withUnsafeBytes(of: lengthIsBigEndian ? bits.bigEndian : bits.littleEndian) {
    tail.append(contentsOf: $0)
  }
  tail.withUnsafeBytes { buffer in
    for offset in stride(from: 0, to: buffer.count, by: 64) {
      process(buffer.baseAddress! + offset)
    }
  }
}
