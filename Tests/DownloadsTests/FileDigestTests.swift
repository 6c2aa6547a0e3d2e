import Downloads
import Foundation
import TestSupport
import Testing

@Suite struct FileDigestTests {
  private func digest(_ algorithm: FileDigest.Algorithm, _ text: String) throws -> String {
    try Array(text.utf8).withUnsafeBytes { try FileDigest(algorithm, of: $0).digits }
  }

  /// The vectors of RFC 1321.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
  ])
  func md5EqualsTheVectorsOfTheRFC(text: String, expected: String) throws {
    #expect(try digest(.md5, text) == expected)
  }

  /// The vectors of FIPS 180-4.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func sha256EqualsTheVectorsOfTheStandard(text: String, expected: String) throws {
    #expect(try digest(.sha256, text) == expected)
  }

  @Test(arguments: ["", "md5", "md5:12", "sha1:0123", "md5:zz0150983cd24fb0d6963f7d28e17f72"])
  func whatIsNoDigestIsRefused(text: String) {
    #expect(throws: DownloadError.self) { try FileDigest(parsing: text) }
  }

  @Test func digitsAreReadInAnyCase() throws {
    let text = "MD5:900150983CD24FB0D6963F7D28E17F72"
    #expect(try FileDigest(parsing: text).description == text.lowercased())
  }
}
