import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HostSystem

@Suite struct CommitQueueTests {
  private final class Results: Sendable {
    private let results = Mutex<(failures: [String: FileError], succeeded: Set<String>)>(([:], []))

    var failures: [String: FileError] { results.withLock { $0.failures } }
    var succeeded: Set<String> { results.withLock { $0.succeeded } }

    func add(_ name: String, _ result: Result<Void, FileError>) {
      results.withLock { results in
        switch result {
        case .success: results.succeeded.insert(name)
        case .failure(let error): results.failures[name] = error
        }
      }
    }
  }

  private func pending(_ url: URL, _ text: String) throws -> PendingFile {
    let file = try PendingFile(at: url)
    try file.append(Array(text.utf8))
    return file
  }

  @Test func allGroupsHaveTheirNamesInTheEnd() throws {
    let folder = try temporaryFolder()
    let results = Results()
    let queue = CommitQueue(threads: 3, capacity: 4)
    for number in 0..<40 {
      let files = try ["array", "metadata"].map {
        try pending(folder.appending(path: "\(number).\($0)"), "\($0) \(number)")
      }
      queue.commit(files) { results.add("\(number)", $0) }
    }
    queue.finish()
    #expect(results.succeeded.count == 40 && results.failures.isEmpty)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count == 80 && names.allSatisfy { !$0.hasPrefix(".") })
    #expect(
      try String(contentsOf: folder.appending(path: "17.metadata"), encoding: .utf8)
        == "metadata 17")
  }

  @Test func afterAFailureTheLaterFilesOfAGroupGetNoName() throws {
    let folder = try temporaryFolder()
    // A folder with that name is in the way of the first file.
    try FileManager.default.createDirectory(
      at: folder.appending(path: "a/full"), withIntermediateDirectories: true)
    let results = Results()
    let queue = CommitQueue(threads: 1)
    queue.commit(
      try [pending(folder.appending(path: "a"), "x"), pending(folder.appending(path: "b"), "y")]
    ) { results.add("a", $0) }
    queue.commit([try pending(folder.appending(path: "c"), "z")]) { results.add("c", $0) }
    queue.finish()
    #expect(results.succeeded == ["c"])
    guard case .cannotWrite(let path, _) = results.failures["a"] else {
      Issue.record("no failure")
      return
    }
    #expect(path == folder.appending(path: "a").path)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "c"])
  }

  @Test func observersSeeWhatIsAppended() throws {
    let file = try PendingFile(at: try temporaryFolder().appending(path: "x"))
    var seen = Data()
    try file.append(Data("un".utf8))
    file.observe { seen.append(contentsOf: $0) }
    try file.append(Array("seen".utf8))
    try file.append(Data(" bytes".utf8))
    #expect(seen == Data("seen bytes".utf8) && file.count == 12)
  }

  @Test func loopsReturnTheirResultsInOrder() {
    #expect(mapInParallel(count: 100, threads: 4) { $0 * $0 } == (0..<100).map { $0 * $0 })
    #expect(mapInParallel(count: 0, threads: 4) { $0 } == [])
    #expect(throws: FileError.self) {
      try mapInParallel(count: 3, threads: 2) { index throws -> Int in
        throw FileError.cannotRead(path: "\(index)", reason: "")
      }
    }
  }
}
