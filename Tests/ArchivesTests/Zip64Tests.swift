import Archives
import Foundation
import TestSupport
import Testing

/// Archives with all numbers in zip64 fields, like those above 4 GiB.
@Suite struct Zip64Tests {
  private func bytes(_ name: String = "zip64.zip") throws -> [UInt8] {
    Array(try Data(contentsOf: fixtureURL("archives/\(name)")))
  }

  /// Where the last bytes of this kind begin.
  private func place(of signature: String, in bytes: [UInt8]) throws -> Int {
    let wanted = Array(signature.utf8)
    return try #require(
      (0...bytes.count - 4).last { Array(bytes[$0..<$0 + 4]) == wanted })
  }

  private func put(_ value: UInt64, at offset: Int, in bytes: inout [UInt8]) {
    for index in 0..<8 {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
  }

  @Test(arguments: [("zip64.zip", "plain.zip"), ("zip64_deflated.zip", "streamed.zip")])
  func largeNumbersReadAsSmallOnes(large: String, small: String) throws {
    let archive = try ZipReader(at: fixtureURL("archives/\(large)"))
    let other = try ZipReader(at: fixtureURL("archives/\(small)"))
    #expect(archive.entries.map(\.name) == other.entries.map(\.name))
    for name in other.entries.map(\.name) {
      #expect(try archive.read(name) == other.read(name))
    }
  }

  /// The record's count, size and offset, and the locator's place of the record.
  @Test(
    arguments: [
      ("PK\u{6}\u{6}", 32), ("PK\u{6}\u{6}", 40), ("PK\u{6}\u{6}", 48), ("PK\u{6}\u{7}", 8),
    ],
    [
      UInt64.max, 1 << 63, UInt64(Int.max), UInt64(Int.max) - 60, 1 << 32, 1 << 20, 10_000,
    ])
  func wrongNumbersOfTheLastRecordsAreRefused(field: (String, Int), value: UInt64) throws {
    var damaged = try bytes()
    put(value, at: try place(of: field.0, in: damaged) + field.1, in: &damaged)
    #expect(throws: ArchiveError.self) { try ZipReader(copying: damaged, path: "a.zip") }
  }

  @Test(
    arguments: [0, 8, 16],
    [UInt64.max, 1 << 63, UInt64(Int.max), UInt64(Int.max) - 30, 1 << 40, 1 << 20])
  func wrongNumbersOfEntriesAreRefused(field: Int, value: UInt64) throws {
    var damaged = try bytes()
    // The field 1 with 24 bytes, of the last entry.
    let start = try place(of: "\u{1}\u{0}\u{18}\u{0}", in: damaged) + 4
    put(value, at: start + field, in: &damaged)
    #expect(throws: ArchiveError.self) {
      let archive = try ZipReader(copying: damaged, path: "a.zip")
      for entry in archive.entries { _ = try archive.read(entry) }
    }
  }

  @Test func aFieldThatIsCutOffIsRefused() throws {
    for length in [UInt8(0), 8, 16, 23] {
      var damaged = try bytes()
      damaged[try place(of: "\u{1}\u{0}\u{18}\u{0}", in: damaged) + 2] = length
      #expect(throws: ArchiveError.self) { try ZipReader(copying: damaged, path: "a.zip") }
    }
  }

  @Test func partsOfSeveralAreRefused() throws {
    var damaged = try bytes()
    damaged[try place(of: "PK\u{6}\u{6}", in: damaged) + 16] = 1
    #expect(throws: ArchiveError.self) { try ZipReader(copying: damaged, path: "a.zip") }
  }
}
