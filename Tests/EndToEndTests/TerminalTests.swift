import Foundation
import TestSupport
import Testing

/// What a user sees on a terminal, and what a batch system has in its log.
@Suite struct TerminalTests {
  /// Two folders with one damaged file, so that a bar is drawn and an error follows.
  private func damagedTask() throws -> (references: URL, predictions: URL) {
    let base = try temporaryFolder()
    let (references, predictions) = (
      base.appending(path: "references"), base.appending(path: "predictions")
    )
    for folder in [references, predictions] {
      try FileManager.default.copyItem(
        at: fixtureURL("postprocessing/joint").appending(path: "gt"), to: folder)
    }
    try Data("no image".utf8).write(to: predictions.appending(path: "case_2.nii.gz"))
    return (references, predictions)
  }

  @Test func anErrorStandsInALineOfItsOwnAfterABar() throws {
    let (references, predictions) = try damagedTask()
    let (status, text) = try runOnTerminal([
      "nnUNet_evaluate_folder", "-ref", references.path, "-pred", predictions.path, "-l", "1", "2",
      "--threads", "1",
    ])
    #expect(status == 1)
    #expect(text.contains("evaluating [") && text.contains("/3"), "a bar was drawn: \(text)")
    // The final content of the line is what follows its last erasure.
    let lines = text.components(separatedBy: "\n").map { line in
      line.components(separatedBy: "\u{1B}[K").last?.filter { $0 != "\r" } ?? ""
    }
    let error = lines.first { $0.contains("error:") }
    #expect(error?.hasPrefix("error: 1 case could not be evaluated:") == true, "\(lines)")
    #expect(lines.count { $0.contains("case_2.nii.gz: ") } == 1, "named once: \(text)")
  }

  @Test func aLogHasNoLineOfShortActivities() throws {
    let (references, predictions) = try damagedTask()
    let outcome = try Program().run([
      "nnUNet_evaluate_folder", "-ref", references.path, "-pred", predictions.path, "-l", "1", "2",
    ])
    #expect(!outcome.errors.contains("evaluating"))
    #expect(!outcome.errors.contains("\u{1B}"), "no control characters")
  }

  /// A terminal of the system, with its two ends.
  private func terminal() throws -> (master: Int32, slave: Int32) {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(master >= 0)
    #if os(Linux)
      // Glibc's posix_openpt and related functions are not imported, so TIOCSPTLCK and TIOCGPTN are
      // used.
      var (lock, number) = (Int32(0), Int32(-1))
      try #require(ioctl(master, 0x4004_5431, &lock) == 0)
      try #require(ioctl(master, 0x8004_5430, &number) == 0)
      let name = "/dev/pts/\(number)"
    #else
      try #require(grantpt(master) == 0 && unlockpt(master) == 0)
      let name = try #require(ptsname(master).map { String(cString: $0) })
    #endif
    let slave = open(name, O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    return (master, slave)
  }

  /// Runs the program with its standard error on a terminal and returns what that received.
  private func runOnTerminal(_ arguments: [String]) throws -> (Int32, String) {
    let (master, slave) = try terminal()
    let process = Process()
    process.executableURL = Program.executable
    process.arguments = arguments
    process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: slave)
    try process.run()
    process.waitUntilExit()
    close(slave)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    close(master)
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
