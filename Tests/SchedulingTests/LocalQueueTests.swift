import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Scheduling

@Suite struct LocalQueueTests {
  private let folder: URL

  init() throws { folder = try temporaryFolder() }

  private func job(_ title: String, _ script: String, after dependencies: [Int] = [])
    -> LocalQueue.Job
  {
    LocalQueue.Job(
      title: title, command: ["-c", script], log: folder.appending(path: "\(title).log"),
      dependencies: dependencies)
  }

  private func run(_ jobs: [LocalQueue.Job], slots: Int = 2, gpus: [String] = []) throws {
    var queue = LocalQueue(program: "/bin/sh", slots: slots)
    queue.gpus = gpus
    try queue.run(jobs, signal: { nil }, reporter: SilentReporter())
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test func jobsBeginWhenThoseTheyNeedHaveEnded() throws {
    let order = folder.appending(path: "order").path
    try run([
      job("a", "sleep 0.2; echo a >> \(order)"), job("b", "echo b >> \(order)", after: [0]),
      job("c", "echo c >> \(order)", after: [0, 1]),
    ])
    #expect(try text("order") == "a\nb\nc\n")
  }

  @Test func asManyRunAtOnceAsThereAreSlots() throws {
    let counts = folder.appending(path: "counts").path
    let running = folder.appending(path: "running")
    try makeFolder(at: running)
    let script =
      "touch \(running.path)/$$; ls \(running.path) | wc -l >> \(counts); sleep 0.2; rm \(running.path)/$$"
    try run((0..<6).map { job("\($0)", script) }, slots: 2)
    let found = try text("counts").split(separator: "\n").compactMap { Int($0.filter(\.isNumber)) }
    #expect(found.count == 6 && found.max() == 2)
  }

  @Test func aFailureStopsOnlyWhatNeedsIt() throws {
    let error = #expect(throws: SchedulingError.self) {
      try run([
        job("bad", "echo reason; exit 3"), job("after", "touch \(folder.path)/after", after: [0]),
        job("other", "touch \(folder.path)/other"), job("killed", "kill -9 $$"),
      ])
    }
    guard case .jobsFailed(let failures) = error else { return }
    #expect(failures.count == 2)
    #expect(failures[0].hasPrefix("bad: status 3") && failures[0].contains("bad.log"))
    #expect(failures[1].hasPrefix("killed: signal 9"))
    #expect(try text("bad.log") == "reason\n")
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "after").path))
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "other").path))
  }

  @Test func everyJobHasOneOfTheGPUs() throws {
    let script = "echo $CUDA_VISIBLE_DEVICES; sleep 0.1"
    try run((0..<4).map { job("\($0)", script) }, slots: 4, gpus: ["3", "5"])
    let used = try (0..<4).map { try text("\($0).log").filter(\.isNumber) }
    #expect(used.sorted() == ["3", "3", "5", "5"])
  }

  @Test func signalsReachWhatRunsAndEndTheQueue() throws {
    let started = folder.appending(path: "started")
    var sent = false
    let queue = LocalQueue(program: "/bin/sh", slots: 1)
    #expect(throws: SchedulingError.interrupted) {
      try queue.run(
        [
          job(
            "a",
            "trap 'echo saved; exit 1' TERM; touch \(started.path); while :; do sleep 0.05; done"),
          job("b", "touch \(folder.path)/b"),
        ],
        signal: {
          guard !sent, FileManager.default.fileExists(atPath: started.path) else { return nil }
          sent = true
          return SIGTERM
        }, reporter: SilentReporter())
    }
    #expect(try text("a.log") == "saved\n")
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "b").path))
  }
}
