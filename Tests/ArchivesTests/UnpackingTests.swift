import Archives
import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct UnpackingTests {
  private func zip(_ names: [String]) throws -> ZipReader {
    let url = try temporaryFolder().appending(path: "a.zip")
    let writer = try ZipWriter(to: url)
    for name in names { try writer.add(name, Array("new".utf8)) }
    try writer.finish()
    return try ZipReader(at: url)
  }

  /// Combining marks and joining letters next to the slashes once hid `..`.
  @Test(arguments: [
    "a/../\u{301}x", "\u{600}/../x", "a/\u{301}/../../x", "/\u{301}x", "../\u{FE0F}/x",
    "..\u{200D}/../../x",
  ])
  func namesThatHideTheirSlashesAreRefused(name: String) throws {
    let folder = try temporaryFolder()
    let target = folder.appending(path: "target")
    #expect {
      try zip([name]).extract(to: target)
    } throws: {
      guard case ArchiveError.unsafeName = $0 else { return false }
      return true
    }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func noLinkIsFollowed() throws {
    let folder = try temporaryFolder()
    let (target, outside) = (folder.appending(path: "target"), folder.appending(path: "outside"))
    try makeFolder(at: target)
    try makeFolder(at: outside)
    try Data("old".utf8).write(to: outside.appending(path: "file"))
    let manager = FileManager.default
    // What another program may put there between the check and the write.
    try manager.createSymbolicLink(
      at: target.appending(path: "sub"), withDestinationURL: outside)
    try manager.createSymbolicLink(
      at: target.appending(path: "file"), withDestinationURL: outside.appending(path: "file"))
    for name in ["sub/file", "file"] {
      #expect(throws: FileError.self) { try zip([name]).extract(to: target) }
    }
    #expect(try String(contentsOf: outside.appending(path: "file"), encoding: .utf8) == "old")
    #expect(try manager.contentsOfDirectory(atPath: outside.path) == ["file"])
  }

  @Test func aFileThatFailsIsNotLeftBehind() throws {
    let folder = try temporaryFolder()
    let url = folder.appending(path: "a.zip")
    let writer = try ZipWriter(to: url)
    let text = Array("the content of a file".utf8)
    try writer.add("whole", text, compression: .stored)
    try writer.add("damaged", text, compression: .stored)
    try writer.finish()
    var bytes = Array(try Data(contentsOf: url))
    let places = bytes.indices.filter { bytes[$0...].starts(with: text) }
    bytes[places[1]] ^= 1
    let zip = try ZipReader(copying: bytes, path: "a.zip")
    let target = folder.appending(path: "target")
    #expect(throws: ArchiveError.self) { try zip.extract(to: target) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["whole"])
  }

  /// Waiting for the disk file by file took two minutes.
  @Test func manyEmptyEntriesAreFast() throws {
    let zip = try zip((0..<20_000).map { "d/\($0 % 10)/\($0)" })
    let target = try temporaryFolder().appending(path: "target")
    let clock = ContinuousClock()
    let time = try clock.measure { try zip.extract(to: target) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["d"])
    #expect(time < .seconds(30), "\(time)")
  }
}
