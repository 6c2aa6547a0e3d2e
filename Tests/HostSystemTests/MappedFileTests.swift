import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct MappedFileTests {
  @Test func showsTheBytes() throws {
    let content = Data((0..<100_000).map { UInt8($0 * 7 % 251) })
    let file = try temporaryFolder().appending(path: "bytes")
    try AtomicFile.write(content, to: file)
    let mapped = try MappedFile(at: file)
    #expect(mapped.bytes.elementsEqual(content))
  }

  @Test func survivesReplacementOfTheFile() throws {
    let file = try temporaryFolder().appending(path: "bytes")
    try AtomicFile.write(Data("before".utf8), to: file)
    let mapped = try MappedFile(at: file)
    try AtomicFile.write(Data("after".utf8), to: file)
    #expect(mapped.bytes.elementsEqual("before".utf8))
  }

  @Test func mapsAnEmptyFile() throws {
    let file = try temporaryFolder().appending(path: "empty")
    try AtomicFile.write(Data(), to: file)
    #expect(try MappedFile(at: file).bytes.isEmpty)
  }

  @Test func namesTheFileThatIsNotThere() throws {
    let file = try temporaryFolder().appending(path: "absent")
    #expect(
      throws: FileError.cannotRead(path: file.path, reason: "No such file or directory")
    ) { try MappedFile(at: file) }
  }

  /// Touching missing pages ended the program with SIGBUS.
  @Test func aFileThatBecomesShorterIsAnError() throws {
    let folder = try temporaryFolder()
    let (file, other) = (folder.appending(path: "bytes"), folder.appending(path: "other"))
    for file in [file, other] { try AtomicFile.write(Data(repeating: 7, count: 1 << 20), to: file) }
    let (mapped, unchanged) = (try MappedFile(at: file), try MappedFile(at: other))
    #expect(mapped.bytes[10] == 7)
    #expect(truncate(file.path, 100_000) == 0)
    #expect(mapped.bytes[1 << 19] == 0)
    #expect(mapped.bytes[(1 << 20) - 1] == 0)
    #expect(mapped.bytes[10] == 7, "what is there stays")
    #expect(mapped.isCut && !unchanged.isCut)
    #expect {
      try mapped.requireWhole()
    } throws: {
      guard case FileError.cannotRead(file.path, let reason)? = $0 as? FileError else {
        return false
      }
      return reason.contains("shorter")
    }
    #expect(throws: Never.self) { try unchanged.requireWhole() }
    #expect(unchanged.bytes.allSatisfy { $0 == 7 })
    // A new mapping is checked separately.
    #expect(try !MappedFile(at: file).isCut)
  }

  @Test func aFolderIsNoFile() throws {
    let folder = try temporaryFolder()
    #expect(throws: FileError.cannotRead(path: folder.path, reason: "it is a folder")) {
      try MappedFile(at: folder)
    }
  }
}
