import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct DiskSpaceTests {
  @Test func tooLittleSpaceIsAnError() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try requireSpace(1000, in: folder, for: "The cases")
    #expect(throws: PreprocessingError.self) {
      try requireSpace(1 << 60, in: folder, for: "The cases")
    }
    let reporter = CollectingReporter()
    try requireSpace(1 << 60, in: folder, for: "The cases", warning: reporter)
    #expect(reporter.warnings.count == 1)
  }

  @Test func aFullDiskStopsTheQueue() throws {
    let queue = CaseQueue(threads: 1, activity: "Testing", reporter: SilentReporter())
    let full = FileError.cannotWrite(path: "x", reason: String(cString: strerror(ENOSPC)))
    let failure = #expect(throws: PreprocessingError.self) {
      try queue.run(["a", "b", "c"], bytes: { _ in 1 }, { _, _ in throw full })
    }
    #expect(failure == .diskFull(missing: ["a", "b", "c"], of: 3, reason: full.message))
    #expect(failure?.message.contains("3 of 3 cases are missing: a, b, c.") == true)
  }
}
