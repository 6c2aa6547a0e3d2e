import CCrypto
package import Foundation
import HostSystem

/// A digest that identifies a file, such as `sha256:9f86d0…` or `md5:098f6b…`.
package struct FileDigest: Hashable, Sendable, CustomStringConvertible {
  /// The algorithm of a digest.
  package enum Algorithm: String, Sendable {
    case md5, sha256

    var byteCount: Int { self == .md5 ? 16 : 32 }

    /// Whether this system's OpenSSL calculates it; one that obeys FIPS 140 may refuse MD5.
    var isAvailable: Bool { digest(of: UnsafeRawBufferPointer(start: nil, count: 0)) != nil }

    /// The digest of bytes; nil where it is not available.
    fileprivate func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8]? {
      var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
      let length = crypto_digest(rawValue, bytes.baseAddress, bytes.count, &digest)
      return length == byteCount ? Array(digest.prefix(byteCount)) : nil
    }
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
  /// - Throws: `FileError` when the file cannot be read, ``DownloadError/notCalculated(algorithm:)``.
  package init(_ algorithm: Algorithm, ofFileAt url: URL) throws {
    let file = try MappedFile(at: url)
    self = try withExtendedLifetime(file) { try FileDigest(algorithm, of: file.bytes) }
    try file.requireWhole()
  }

  /// The digest of bytes.
  ///
  /// - Throws: ``DownloadError/notCalculated(algorithm:)``.
  package init(
    _ algorithm: Algorithm, of bytes: UnsafeRawBufferPointer
  ) throws(DownloadError) {
    guard let digest = algorithm.digest(of: bytes) else {
      throw .notCalculated(algorithm: algorithm.rawValue)
    }
    self.init(algorithm: algorithm, bytes: digest)
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
