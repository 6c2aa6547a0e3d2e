import Archives
import Arrays
import Foundation
import HostSystem
import Plans
import Synchronization
import TestSupport
import Testing

@testable import Preprocessing

/// The stored cases that a second run keeps.
@Suite struct KeptCaseTests {
  private let task: TinyTask
  private let cropped: CroppedStore
  private let folder: URL
  private let plans = makePlans(spacing: [1.5, 1, 1], transpose: [0, 2, 1])
  private var store: PreparedStore { PreparedStore(task: folder, plans: plans, stage: 0) }

  init() throws {
    task = try TinyTask(cases: ["a", "b", "c"], channels: 2)
    cropped = CroppedStore(folder: try temporaryFolder())
    folder = try temporaryFolder()
  }

  private func crop(_ reporter: any Reporter = SilentReporter()) throws {
    try cropTask(
      task.description, rawTask: task.raw, into: cropped, threads: 2, reporter: reporter)
  }

  private func prepare(
    _ plans: ExperimentPlans? = nil, compresses: Bool = false, overwrites: Bool = false,
    reporter: any Reporter = SilentReporter()
  ) throws {
    try preprocessTask(
      plans: plans ?? self.plans, cropped: cropped, into: folder, threads: [2],
      compresses: compresses, overwrites: overwrites, reporter: reporter)
  }

  /// Runs `body` and returns the cases whose metadata it wrote again.
  private func renewed(in folder: URL, _ body: () throws -> Void) throws -> [String] {
    func marks() -> [String: Int] {
      Dictionary(
        uniqueKeysWithValues: ["a", "b", "c"].map { name in
          var status = stat()
          let path = folder.appending(path: "\(name).json").path
          return (name, stat(path, &status) == 0 ? Int(status.st_ino) : 0)
        })
    }
    let before = marks()
    // A file that replaces another one must not get its number.
    let holders = before.keys.map { name in
      try? FileHandle(forReadingFrom: folder.appending(path: "\(name).json"))
    }
    try body()
    defer { withExtendedLifetime(holders) {} }
    let after = marks()
    return before.keys.filter { before[$0] != after[$0] }.sorted()
  }

  private func flipByte(of file: URL) throws {
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 9] ^= 1
    try bytes.write(to: file)
  }

  @Test func finishedCasesAreKept() throws {
    try crop()
    try prepare()
    let folder = store.folder
    #expect(try renewed(in: folder) { try prepare() } == [])
    #expect(try renewed(in: folder) { try prepare(overwrites: true) } == ["a", "b", "c"])
    // What an interrupted run leaves: a case without metadata.
    try FileManager.default.removeItem(at: folder.appending(path: "b.json"))
    #expect(try renewed(in: folder) { try prepare() } == ["b"])
    var other = plans
    other.stages[0]?.spacing[1] = 2
    #expect(try renewed(in: folder) { try prepare(other) } == ["a", "b", "c"])
    other.stages[0]?.patchSize = [16, 32, 32]
    other.stages[0]?.batchSize += 1
    #expect(try renewed(in: folder) { try prepare(other) } == [])
  }

  /// Files from another system may have the same name in another spelling: one text, two files.
  ///
  /// Planning was killed by a signal when there were both.
  @Test func namesInAnotherSpellingAreOtherCases() throws {
    let (composed, decomposed) = ("f\u{E4}ll", "fa\u{308}ll")
    let first = try TinyTask(cases: ["a", composed], channels: 2)
    let second = try TinyTask(cases: ["a", decomposed], channels: 2)
    func crop(
      _ task: TinyTask, _ description: DatasetDescription? = nil,
      _ reporter: any Reporter = SilentReporter()
    ) throws {
      try cropTask(
        description ?? task.description, rawTask: task.raw, into: cropped, threads: 1,
        reporter: reporter)
    }
    func names(_ identifiers: [String]) -> [[UInt8]] { identifiers.map { Array($0.utf8) } }
    try crop(first)
    try prepare()
    #expect(try names(cropped.identifiers()) == names(["a", composed]))
    let heard = CollectingReporter()
    try crop(second, nil, heard)
    #expect(heard.warnings.contains { $0.contains("no longer a training case") })
    #expect(try names(cropped.identifiers()) == names(["a", decomposed]))
    try prepare()
    #expect(try names(store.identifiers()) == names(["a", decomposed]))
    // In one list, they cannot be distinguished.
    var both = second.description
    both.training.append(.init(identifier: composed))
    #expect(throws: PreprocessingError.twoSpellings(identifier: composed)) {
      try crop(second, both)
    }
  }

  @Test func changedImagesRenewTheirCaseAlone() throws {
    try crop()
    try prepare()
    Thread.sleep(forTimeInterval: 0.05)
    try task.write("c", shape: [6, 9, 8], seed: 5)
    #expect(try renewed(in: cropped.folder) { try crop() } == ["c"])
    #expect(try renewed(in: store.folder) { try prepare() } == ["c"])
  }

  @Test func aDamagedCaseIsNamedAndRenewedAlone() throws {
    try crop()
    try prepare()
    let original = try Data(contentsOf: store.folder.appending(path: "b.npy"))
    for name in ["b.npy", "b_class_locations.npy"] {
      let file = store.folder.appending(path: name)
      try flipByte(of: file)
      let heard = CollectingReporter()
      #expect(try renewed(in: store.folder) { try prepare(reporter: heard) } == ["b"])
      #expect(heard.warnings.count == 1)
      let beginning = "b is damaged and will be prepared again: \(file.path): "
      #expect(heard.warnings.first?.hasPrefix(beginning) == true)
    }
    #expect(try Data(contentsOf: store.folder.appending(path: "b.npy")) == original)
    try flipByte(of: cropped.folder.appending(path: "a.npy"))
    let heard = CollectingReporter()
    #expect(try renewed(in: cropped.folder) { try crop(heard) } == ["a"])
    #expect(heard.warnings.first?.contains("a.npy: its checksum is crc32:") == true)
    #expect(try renewed(in: store.folder) { try prepare() } == [])
  }

  @Test func compressedCasesHoldTheSame() throws {
    try crop()
    try prepare()
    let plain = try store.open("b").loadedData()
    let labels = try store.open("b").loadedLabels()
    try prepare(compresses: true)
    let names = try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
    #expect(names.contains("b.chunks") && !names.contains("b.npy"))
    #expect(try store.identifiers() == ["a", "b", "c"])
    let unpacked = UnpackedCases()
    let packed = try store.open("b", unpacked: unpacked)
    for _ in 0..<2 {
      #expect(try packed.loadedData() == plain)
      #expect(try packed.loadedLabels() == labels)
    }
    #expect(try renewed(in: store.folder) { try prepare(compresses: true) } == [])
    try flipByte(of: store.folder.appending(path: "b.chunks"))
    #expect(throws: ArchiveError.self) { try store.open("b").loadedData() }
    #expect(try renewed(in: store.folder) { try prepare(compresses: true) } == ["b"])
    try prepare()
    #expect(try store.open("b").loadedData() == plain)
    #expect(
      !FileManager.default.fileExists(atPath: store.folder.appending(path: "b.chunks").path))
  }

  @Test func unpackedCasesAreForgottenOldestFirst() throws {
    let cases = UnpackedCases(capacity: 4 * 10)
    func isKept(_ name: String, _ count: Int) throws -> Bool {
      var unpacks = false
      let array = try cases.array(named: name) {
        unpacks = true
        return DenseArray(shape: [count], filledWith: Float(count))
      }
      #expect(array.count == count)
      return !unpacks
    }
    for name in ["x", "y"] { #expect(try !isKept(name, 4)) }
    #expect(try isKept("x", 4))
    #expect(try !isKept("z", 4))
    #expect(try isKept("x", 4))
    #expect(try !isKept("y", 4))
    #expect(try !isKept("large", 11))
    #expect(try !isKept("large", 11))
  }

  @Test func parallelRunsOnOneFolderDoNotRace() throws {
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 3) { run in
      do {
        try crop()
        try prepare(overwrites: run == 1)
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let names = try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
    #expect(
      names.sorted()
        == ["a", "b", "c"].flatMap {
          ["\($0).json", "\($0).npy", "\($0)_class_locations.npy"]
        })
    #expect(try renewed(in: store.folder) { try prepare() } == [])
  }
}
