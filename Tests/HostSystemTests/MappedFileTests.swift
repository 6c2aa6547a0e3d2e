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
}
