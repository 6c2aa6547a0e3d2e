import Arrays
import Foundation
import HostSystem
import Imaging
import Plans
import Synchronization
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct TaskTests {
  private let manager = FileManager.default

  private func crop(
    _ task: TinyTask, _ store: CroppedStore, description: DatasetDescription? = nil,
    overwrites: Bool = false, reporter: any Reporter = SilentReporter()
  ) throws -> [String] {
    try cropTask(
      description ?? task.description, rawTask: task.raw, into: store, overwrites: overwrites,
      threads: 2, reporter: reporter)
  }

  private func date(_ store: CroppedStore, _ identifier: String) throws -> Date {
    let file = store.folder.appendingPathComponent("\(identifier).npy")
    return try #require(manager.attributesOfItem(atPath: file.path)[.modificationDate] as? Date)
  }

  @Test func cropsEveryCase() throws {
    let task = try TinyTask(cases: ["b", "a", "c"], channels: 2)
    let store = CroppedStore(folder: try temporaryFolder())
    let recorder = CollectingReporter()
    #expect(try crop(task, store, reporter: recorder) == ["a", "b", "c"])
    #expect(recorder.steps.map(\.completed).sorted() == [1, 2, 3])
    #expect(try store.properties(of: "a").cropBox == [[1, 5], [1, 8], [1, 7]])
    let truth = store.groundTruthFolder.appendingPathComponent("b.nii.gz")
    #expect(try Data(contentsOf: truth) == Data(contentsOf: task.labelFile("b")))
    #expect(
      manager.fileExists(atPath: store.folder.appendingPathComponent("dataset.json").path))
  }

  @Test func keepsCurrentCropsAndRenewsOthers() throws {
    let task = try TinyTask(cases: ["a", "b", "c"])
    let store = CroppedStore(folder: try temporaryFolder())
    _ = try crop(task, store)
    let first = try ["a", "b", "c"].map { try date(store, $0) }
    // File times advance in steps of some milliseconds.
    Thread.sleep(forTimeInterval: 0.1)
    // b's image is written again, c's array is damaged.
    try task.write("b", shape: [6, 9, 8], seed: 2)
    let damaged = store.folder.appendingPathComponent("c.npy")
    try Data(contentsOf: damaged).dropLast(4).write(to: damaged)
    _ = try crop(task, store)
    #expect(try date(store, "a") == first[0])
    #expect(try date(store, "b") > first[1])
    #expect(try store.read("c").data.shape == [1, 4, 7, 6])
    let image = try NIfTIFile.readVolume(at: task.imageFiles("b")[0]).voxels
    #expect(try store.read("b").data[0, 0, 0, 0] == image[1, 1, 1])
    _ = try crop(task, store, overwrites: true)
    #expect(try date(store, "a") > first[0])
  }

  @Test func forgetsCasesThatLeftTheDataset() throws {
    let task = try TinyTask(cases: ["a", "b"])
    let store = CroppedStore(folder: try temporaryFolder())
    _ = try crop(task, store)
    var description = task.description
    description.training.removeFirst()
    let recorder = CollectingReporter()
    #expect(try crop(task, store, description: description, reporter: recorder) == ["b"])
    #expect(recorder.warnings.count == 1 && recorder.warnings[0].contains("a is no longer"))
  }

  @Test func namesEveryCaseThatFails() throws {
    let task = try TinyTask(cases: ["a", "b", "c", "d"])
    try manager.removeItem(at: task.imageFiles("a")[0])
    try Data("no image".utf8).write(to: task.labelFile("c"))
    let store = CroppedStore(folder: try temporaryFolder())
    do {
      _ = try crop(task, store)
      Issue.record("nothing was thrown")
    } catch PreprocessingError.casesFailed(let failures, let total) {
      #expect(failures.map(\.identifier) == ["a", "c"] && total == 4)
      #expect(failures[0].reason.contains("a_0000.nii.gz"))
      #expect(failures[1].reason.contains("c.nii.gz"))
    }
    #expect(try store.identifiers() == ["b", "d"])
  }

  @Test func preparesEveryCaseAsAtInference() throws {
    let task = try TinyTask(cases: ["a", "b"], channels: 2)
    let cropped = CroppedStore(folder: try temporaryFolder())
    _ = try crop(task, cropped)
    let folder = try temporaryFolder()
    let plans = makePlans(spacing: [1.5, 1, 1], transpose: [0, 2, 1])
    let store = PreparedStore(task: folder, plans: plans, stage: 0)
    #expect(store.folder.lastPathComponent == "nnUNetData_plans_v2.1_stage0")
    try makeFolder(at: store.folder)
    let recorder = CollectingReporter()
    for _ in 0..<2 {
      try preprocessTask(
        plans: plans, cropped: cropped, into: folder, threads: [2], reporter: recorder)
    }
    #expect(recorder.steps.map(\.completed).sorted() == [1, 1, 2, 2] && recorder.warnings.isEmpty)
    #expect(try store.identifiers() == ["a", "b"])
    let mapped = try store.open("b")
    #expect(mapped.shape == [5, 7, 6])
    let inference = try Preprocessor(plans: plans, stage: 0)
      .preprocessTestCase(imageFiles: task.imageFiles("b"))
    #expect(try inference.data == mapped.loadedData())
    #expect(inference.properties.cropBox == mapped.properties.cropBox)
    let truth = folder.appendingPathComponent("gt_segmentations/a.nii.gz")
    #expect(try Data(contentsOf: truth) == Data(contentsOf: task.labelFile("a")))
    // A case that is removed from the dataset is also removed from the prepared folder.
    try cropped.remove("a")
    try preprocessTask(
      plans: plans, cropped: cropped, into: folder, threads: [2], reporter: recorder)
    #expect(try store.identifiers() == ["b"] && recorder.warnings.count == 1)
  }

  @Test func largeCasesAreWorkedOnAlone() throws {
    let seen = Mutex<[String: Int]>([:])
    let queue = CaseQueue(
      threads: 3, memory: 300, activity: "Test", reporter: SilentReporter())
    try queue.run(
      ["a", "b", "c"], bytes: { $0 == "b" ? 101 : 100 },
      { identifier, threads in
        seen.withLock { $0[identifier] = threads }
        return []
      })
    #expect(seen.withLock { $0 } == ["a": 1, "b": 3, "c": 1])
  }

  @Test func anEmptyFolderAndASmallFieldOfViewAreErrors() throws {
    let cropped = CroppedStore(folder: try temporaryFolder())
    let plans = makePlans(spacing: [50, 1, 1], channels: 1)
    let folder = try temporaryFolder()
    #expect(throws: PreprocessingError.noCases(folder: cropped.folder.path)) {
      try preprocessTask(
        plans: plans, cropped: cropped, into: folder, threads: [], reporter: SilentReporter())
    }
    let task = try TinyTask(cases: ["a"])
    _ = try crop(task, cropped)
    #expect {
      try preprocessTask(
        plans: plans, cropped: cropped, into: folder, threads: [1], reporter: SilentReporter())
    } throws: {
      "\($0)".contains("a: An image of [4, 7, 6] voxels")
    }
  }
}
