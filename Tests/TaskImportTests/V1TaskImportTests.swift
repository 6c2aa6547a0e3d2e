import Arrays
import Foundation
import HostSystem
import JSON
import Plans
import Preprocessing
import TestSupport
import Testing

@testable import TaskImport

/// The fixture is what `nnUNet_plan_and_preprocess` of the Python nnU-Net 1.7.1 wrote.
@Suite struct V1TaskImportTests {
  private let source = fixtureURL("v1-preprocessed/Task098_Mini")
  private let cases = (0..<5).map { "mini_\($0)" }

  private func imported() throws -> URL {
    let target = try temporaryFolder().appending(path: "Task098_Mini")
    var work = V1TaskImport(source: source, target: target)
    work.threads = 2
    try work.run(reporter: SilentReporter())
    return target
  }

  @Test(arguments: ["nnUNetPlansv2.1_plans_3D.json", "nnUNetPlansv2.1_plans_2D.json"])
  func casesAndTheirVoxelsOfClassesAreThose(plansFile: String) throws {
    let target = try imported()
    let plans = try JSONFile.read(
      ExperimentPlans.self, from: target.appending(path: plansFile))
    let store = PreparedStore(task: target, plans: plans, stage: 0)
    #expect(try store.identifiers() == cases)
    for identifier in cases {
      let theirs = try V1PreparedCase(
        identifier, in: source.appending(path: store.folder.lastPathComponent),
        classes: plans.foregroundLabels)
      let array = try NPYFile.read(
        store.folder.appending(path: identifier + ".npy"), as: Float.self)
      #expect(array.shape == [2] + theirs.prepared.labels.shape)
      #expect(
        array.scalars == theirs.prepared.data.scalars
          + theirs.prepared.labels.scalars.map(Float.init))
      // v1 draws the voxels of classes with a seed, as we do: the same labels give the same voxels.
      let drawn = ClassLocations(sampling: theirs.prepared.labels, classes: [1, 2])
      #expect(try store.classLocations(of: identifier) == drawn)
      #expect(drawn.classes == [1, 2])
      let properties = try store.properties(of: identifier)
      #expect(properties.labels == [0, 1, 2])
      #expect(properties.originalSize == [10, 12, 14])
      #expect(properties.cropBox == [[1, 10], [0, 12], [0, 14]])
      #expect(properties.usesMaskForNormalization == [0: false])
    }
  }

  @Test func splitsAndFingerprintAreThose() throws {
    let target = try imported()
    let splits = try DataSplits.read(
      from: target.appending(path: DataSplits.fileName), cases: cases)
    #expect(splits.splits == (try DataSplits.crossValidation(cases: cases)))
    let fingerprint = try JSONFile.read(
      DatasetFingerprint.self, from: target.appending(path: "dataset_properties.json"))
    #expect(fingerprint.foregroundLabels == [1, 2])
    #expect(fingerprint.sizes.count == 5)
    let references = try FileManager.default.contentsOfDirectory(
      atPath: target.appending(path: "gt_segmentations").path)
    #expect(references.sorted() == cases.map { $0 + ".nii.gz" })
  }

  @Test func whatIsThereStaysUnlessAskedFor() throws {
    let target = try imported()
    let splits = target.appending(path: DataSplits.fileName)
    try DataSplits(splits: [DataSplit(training: ["mini_0"], validation: ["mini_1"])])
      .write(to: splits)
    var work = V1TaskImport(source: source, target: target)
    try work.run(reporter: SilentReporter())
    #expect(try DataSplits.read(from: splits, cases: cases).splits.count == 1)
    work.overwrites = true
    try work.run(reporter: SilentReporter())
    #expect(try DataSplits.read(from: splits, cases: cases).splits.count == 5)
  }

  @Test func otherFoldersAreRefused() throws {
    let empty = try temporaryFolder()
    let work = V1TaskImport(source: empty, target: empty.appending(path: "out"))
    #expect(throws: TaskImportError.noPlans(folder: empty.path)) {
      try work.run(reporter: SilentReporter())
    }
    let name = "nnUNetPlansv2.1_plans_3D.pkl"
    try FileManager.default.copyItem(
      at: source.appending(path: name), to: empty.appending(path: name))
    #expect {
      try work.run(reporter: SilentReporter())
    } throws: { error in
      guard case TaskImportError.noCases(_, let expected) = error else { return false }
      return expected == ["nnUNetData_plans_v2.1_stage0"]
    }
    #expect(!FileManager.default.fileExists(atPath: work.target.path))
  }

  @Test func aCaseThatContradictsItselfIsNamed() throws {
    let copy = try temporaryFolder().appending(path: "Task098_Mini")
    try FileManager.default.copyItem(at: source, to: copy)
    let stage = copy.appending(path: "nnUNetData_plans_v2.1_stage0")
    try FileManager.default.removeItem(at: stage.appending(path: "mini_4.npz"))
    try FileManager.default.copyItem(
      at: stage.appending(path: "mini_0.npz"), to: stage.appending(path: "mini_4.npz"))
    let target = try temporaryFolder().appending(path: "Task098_Mini")
    #expect {
      try V1TaskImport(source: copy, target: target).run(reporter: SilentReporter())
    } throws: { error in
      guard case TaskImportError.wrongCase(let file, _) = error else { return false }
      return file.hasSuffix("mini_4.npz")
    }
  }
}
