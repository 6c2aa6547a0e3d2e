import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct FolderLockTests {
  @Test func aSecondRunWaits() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var first: FolderLock? = try FolderLock(folder: folder, reporter: SilentReporter())
    let reporter = CollectingReporter()
    let taken = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let second = try? FolderLock(folder: folder, reporter: reporter)
      withExtendedLifetime(second) { _ = taken.signal() }
    }
    #expect(taken.wait(timeout: .now() + 0.3) == .timedOut)
    #expect(reporter.warnings.count == 1)
    withExtendedLifetime(first) {}
    first = nil
    #expect(taken.wait(timeout: .now() + 10) == .success)
  }

  @Test func severalRunsMayRead() throws {
    let folder = try temporaryFolder()
    let reporter = CollectingReporter()
    var readers = try (0..<2).map { _ in
      try FolderLock(folder: folder, for: .reading, reporter: reporter)
    }
    #expect(reporter.warnings.count == 0)
    let taken = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let writer = try? FolderLock(folder: folder, reporter: reporter)
      withExtendedLifetime(writer) { _ = taken.signal() }
    }
    #expect(taken.wait(timeout: .now() + 0.2) == .timedOut)
    #expect(reporter.warnings.count == 1)
    readers.removeFirst()
    #expect(taken.wait(timeout: .now() + 0.2) == .timedOut)
    readers.removeAll()
    #expect(taken.wait(timeout: .now() + 10) == .success)
  }
}
