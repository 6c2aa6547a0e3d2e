import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func writesAndReplaces() throws {
    let folder = try temporaryFolder()
    let file = folder.appending(path: "a.txt")
    try AtomicFile.write(Data("first".utf8), to: file)
    try AtomicFile.write(Data("second".utf8), to: file)
    #expect(try String(contentsOf: file, encoding: .utf8) == "second")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
  }

  @Test func keepsOldContentWhenTheWriterFails() throws {
    let folder = try temporaryFolder()
    let file = folder.appending(path: "a.txt")
    try AtomicFile.write(Data("old".utf8), to: file)
    let reason = FileError.cannotRead(path: "input", reason: "test")
    #expect(throws: reason) {
      try AtomicFile.write(to: file) { (writer) throws(FileError) in
        try writer.write(Data("half of the new".utf8))
        throw reason
      }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
  }

  @Test func writesPiecesInOrder() throws {
    let file = try temporaryFolder().appending(path: "pieces")
    let pieces = (0..<300).map { Data(repeating: UInt8($0 % 256), count: $0 * 17) }
    try AtomicFile.write(to: file) { (writer) throws(FileError) in
      for piece in pieces { try writer.write(piece) }
    }
    #expect(try Data(contentsOf: file) == pieces.reduce(Data(), +))
  }

  @Test func namesTheFileThatCannotBeWritten() throws {
    let file = try temporaryFolder().appending(path: "absent/a.txt")
    let error = #expect(throws: FileError.self) { try AtomicFile.write(Data(), to: file) }
    #expect(error == .cannotWrite(path: file.path, reason: "No such file or directory"))
    #expect(error?.message.contains(file.path) == true)
    #expect(error?.hint?.isEmpty == false)
  }

  @Test func leavesNothingBehindWhenTheRenameFails() throws {
    let folder = try temporaryFolder()
    let occupied = folder.appending(path: "folder")
    try makeFolder(at: occupied)
    #expect(throws: FileError.cannotWrite(path: occupied.path, reason: "Is a directory")) {
      try AtomicFile.write(Data("x".utf8), to: occupied)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["folder"])
  }

  @Test func makesFoldersAndReportsWhyNot() throws {
    let folder = try temporaryFolder()
    let nested = folder.appending(path: "a/b/c")
    try makeFolder(at: nested)
    try makeFolder(at: nested)
    // A missing folder, and back.
    try makeFolder(at: URL(fileURLWithPath: nested.path + "/missing/../c"))
    #expect(FileManager.default.fileExists(atPath: nested.path + "/c"))
    #expect(FileManager.default.fileExists(atPath: nested.path))
    let file = folder.appending(path: "file")
    try AtomicFile.write(Data(), to: file)
    let error = #expect(throws: FileError.self) { try makeFolder(at: file.appending(path: "x")) }
    #expect(error?.message.hasPrefix("Cannot write \(file.path)/x: ") == true)
  }
}
