import Foundation
import HostSystem
import Testing

/// Hashes stand in stored files: none of these values may change.
@Suite struct FNVHashTests {
  /// The vectors of draft-eastlake-fnv.
  @Test(
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325, 0x811c_9dc5), ("a", 0xaf63_dc4c_8601_ec8c, 0xe40c_292c),
      ("foobar", 0x8594_4171_f739_67e8, 0xbf9c_f968),
    ] as [(String, UInt64, UInt32)])
  func equalsTheVectorsOfTheStandard(text: String, long: UInt64, short: UInt32) {
    #expect(FNVHash(of: text).value == long)
    #expect(shortFNVHash(of: text.utf8) == short)
    var hash = FNVHash()
    hash.add(Data(text.utf8))
    #expect(hash.value == long)
  }

  /// Calculated in Python.
  @Test(arguments: [
    ("", "08328807b4eb6fed"), ("segmentation", "c3c8abdcbc1919f8"),
    ("12345678", "77e3ee6c43644df4"),
  ])
  func checksumsOfContentStay(text: String, expected: String) {
    var checksum = ContentChecksum()
    checksum.add(text)
    #expect(checksum.text == expected)
  }
}
