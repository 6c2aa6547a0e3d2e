import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import Plans
import Preprocessing
import Synchronization
import TestSupport
import Testing

@testable import Planning

@Suite struct TaskPreparationTests {
  @Test(arguments: [[0: "MRI"], [0: "CT", 1: "noNorm"]])
  func goesFromImagesToPreparedCases(channels: [Int: String]) throws {
    let task = try RawTaskFixture(channels: channels, spacing: [1, 1, 2])
    let preparation = preparation(of: task)
    try preparation.verify(reporter: SilentReporter())
    try preparation.crop(reporter: SilentReporter())
    try preparation.planAndPreprocess(reporter: SilentReporter())
    let output = try task.workspace.preprocessedTask(task.name)
    for (configuration, rank) in [(Configuration.fullResolution, 3), (.twoD, 2)] {
      let plans = try ExperimentPlans.read(
        from: task.workspace.plansFile(
          task: task.name, plans: "nnUNetPlansv2.1", configuration: configuration))
      #expect(plans.stages[0]?.patchSize.count == rank)
      #expect(plans.fingerprint.sizes == Array(repeating: [12, 20, 16], count: 5))
      #expect((plans.fingerprint.intensities != nil) == (channels[0] == "CT"))
      let store = PreparedStore(task: output, plans: plans, stage: 0)
      #expect(try store.identifiers() == task.description.trainingIdentifiers)
      #expect(try store.open("case_0").array.shape == [channels.count + 1, 12, 20, 16])
      let mask = try store.properties(of: "case_0").usesMaskForNormalization
      #expect(mask == channels.mapValues { _ in false })
    }
    let cropped = try task.workspace.croppedTask(task.name)
    for folder in [output, cropped] {
      let json = try Data(contentsOf: folder.appending(path: "dataset.json"))
      #expect(try json == Data(contentsOf: task.rawTask.appending(path: "dataset.json")))
      #expect(
        try JSONFile.read(
          DatasetFingerprint.self, from: folder.appending(path: "dataset_properties.json")
        ).channelNames == channels)
      let copies = folder.appending(path: "gt_segmentations/case_3.nii.gz")
      #expect(try Data(contentsOf: copies) == Data(contentsOf: task.label(3)))
    }
  }

  @Test func planningAloneAndPlannersLeftOut() throws {
    let task = try RawTaskFixture()
    var preparation = preparation(of: task)
    preparation.preprocesses = false
    preparation.planner2D = nil
    try preparation.crop(reporter: SilentReporter())
    try preparation.planAndPreprocess(reporter: SilentReporter())
    let names = try FileManager.default.contentsOfDirectory(
      atPath: task.workspace.preprocessedTask(task.name).path)
    #expect(
      names.sorted() == [
        "dataset.json", "dataset_properties.json", "nnUNetPlansv2.1_plans_3D.json",
      ])
  }

  @Test func namesAMissingDescription() throws {
    let task = try RawTaskFixture()
    let file = try task.rawTask.appending(path: "dataset.json")
    try FileManager.default.removeItem(at: file)
    #expect(throws: PlanningError.noDescription(file: file.path)) {
      try preparation(of: task).crop(reporter: SilentReporter())
    }
    let folder = try task.rawTask
    try FileManager.default.removeItem(at: folder)
    #expect(throws: PlanningError.noRawTask(folder: folder.path)) {
      try preparation(of: task).verify(reporter: SilentReporter())
    }
  }

  @Test func noticesAnUnwritableOutputBeforeTheWork() throws {
    let task = try RawTaskFixture()
    let output = try #require(task.workspace.preprocessed)
    try Data("a file".utf8).write(to: output)
    #expect(throws: FileError.self) {
      try preparation(of: task).crop(reporter: SilentReporter())
    }
    let cropped = try task.workspace.croppedTask(task.name)
    #expect(!FileManager.default.fileExists(atPath: cropped.path))
  }

  @Test func refusesDatasetsWithoutCasesOrLabels() throws {
    var task = try RawTaskFixture()
    task.description.labels = [0: "background"]
    try task.writeDescription()
    #expect(throws: PlanningError.noForegroundLabels) {
      try preparation(of: task).crop(reporter: SilentReporter())
    }
    task.description.training = []
    try task.writeDescription()
    #expect(throws: PlanningError.noCases) {
      try preparation(of: task).crop(reporter: SilentReporter())
    }
  }

  @Test func namesCasesThatAnotherRunDidNotCrop() throws {
    let task = try RawTaskFixture()
    let preparation = preparation(of: task)
    try preparation.crop(reporter: SilentReporter())
    let folder = try task.workspace.croppedTask(task.name)
    for name in ["case_1", "case_3"] {
      try FileManager.default.removeItem(at: folder.appending(path: "\(name).json"))
    }
    #expect(
      throws: PlanningError.missingCrops(folder: folder.path, cases: ["case_1", "case_3"])
    ) {
      try preparation.planAndPreprocess(reporter: SilentReporter())
    }
  }

  /// One of the runs crops everything again while the others read the crops.
  @Test func parallelRunsSeeAllCases() throws {
    let task = try RawTaskFixture()
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { run in
      do {
        var preparation = preparation(of: task)
        preparation.overwrites = run % 2 == 1
        try preparation.crop(reporter: SilentReporter())
        try preparation.planAndPreprocess(reporter: SilentReporter())
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let plans = try ExperimentPlans.read(
      from: task.workspace.plansFile(
        task: task.name, plans: "nnUNetPlansv2.1", configuration: .fullResolution))
    #expect(plans.fingerprint.sizes.count == 5)
  }

  /// The 200 real cases get the fingerprint and the plans of nnU-Net v1.
  @Test(
    .enabled(
      if: sharedURL("data/Task04_Hippocampus") != nil, Comment(rawValue: sharedDataIsAbsent)))
  func plansTheRealTaskAsTheReference() throws {
    let root = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let workspace = Workspace(
      rawDataBase: root.appending(path: "raw"), preprocessed: root.appending(path: "pp"),
      results: nil)
    let source = try #require(sharedURL("data/Task04_Hippocampus"))
    _ = try DecathlonConversion(source: source).convert(into: workspace.rawTasks())
    let task = TaskPreparation(
      workspace: workspace, task: try workspace.taskName(for: "4"), preprocesses: false,
      lowResolutionThreads: 2, threads: 2)
    let reporter = CollectingReporter()
    try task.verify(reporter: reporter)
    #expect(reporter.warnings == [])
    try task.crop(reporter: reporter)
    try task.planAndPreprocess(reporter: reporter)
    let folder = try workspace.preprocessedTask(task.task)
    #expect(
      try JSONFile.read(
        DatasetFingerprint.self, from: folder.appending(path: "dataset_properties.json"))
        == JSONFile.read(
          DatasetFingerprint.self, from: fixtureURL("plans/hippocampus_dataset_properties.json")))
    for suffix in ["2D", "3D"] {
      #expect(
        try ExperimentPlans.read(
          from: folder.appending(path: "nnUNetPlansv2.1_plans_\(suffix).json"))
          == ExperimentPlans.read(from: fixtureURL("plans/hippocampus_plans_\(suffix).json")))
    }
  }

  private func preparation(of task: RawTaskFixture) -> TaskPreparation {
    TaskPreparation(
      workspace: task.workspace, task: task.name, lowResolutionThreads: 2, threads: 2)
  }
}
