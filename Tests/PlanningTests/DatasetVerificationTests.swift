import Arrays
import Foundation
import HostSystem
import Imaging
import Plans
import TestSupport
import Testing

@testable import Planning

@Suite struct DatasetVerificationTests {
  @Test func soundDatasetPasses() throws {
    let task = try RawTaskFixture(channels: [0: "T1", 1: "T2"])
    let reporter = CollectingReporter()
    try verification(of: task).verify(reporter: reporter)
    #expect(reporter.warnings == [])
    #expect(reporter.notes == ["Dataset OK: 5 cases verified."])
  }

  @Test func reportsEverythingInOneRun() throws {
    var task = try RawTaskFixture()
    try FileManager.default.removeItem(at: task.label(0))
    try NIfTIFile.write(RawTaskFixture.image(seed: 1, shape: [12, 20, 15]), to: task.image(1))
    try Data(Data(contentsOf: task.image(2)).prefix(2000)).write(to: task.image(2))
    try NIfTIFile.write(RawTaskFixture.labels(cube: 7), to: task.label(3))
    try Data().write(to: task.rawTask.appending(path: "imagesTr/stray_0000.nii.gz"))
    try Data().write(to: task.rawTask.appending(path: "labelsTr/.hidden.nii.gz"))
    task.description.training.append(task.description.training[4])
    task.description.labels = [0: "background", 1: "cube", 2: "corner", 9: "gap"]
    let findings = try verification(of: task).findings()
    #expect(findings.allSatisfy { $0.severity == .error })
    #expect(
      Set(
        findings.map {
          "\($0.caseIdentifier ?? "-") \(URL(fileURLWithPath: $0.file).lastPathComponent)"
        })
        == [
          "- dataset.json", "case_4 dataset.json", "- stray_0000.nii.gz", "case_0 case_0.nii.gz",
          "case_1 case_1.nii.gz", "case_2 case_2_0000.nii.gz", "case_3 case_3.nii.gz",
        ])
    let error = #expect(throws: PlanningError.self) {
      try verification(of: task).verify(reporter: SilentReporter())
    }
    #expect(error?.message.contains("12×20×15") == true)
    #expect(error?.message.contains("labels [7]") == true)
    #expect(error?.message.contains("7 errors") == true)
  }

  /// Training was killed by a signal after its last epoch.
  @Test func moreLabelsThanFitAreAnError() throws {
    var task = try RawTaskFixture()
    task.description.labels = Dictionary(
      uniqueKeysWithValues: (0...256).map { ($0, "label \($0)") })
    let findings = try verification(of: task).findings()
    let finding = try #require(findings.first { $0.file.hasSuffix("dataset.json") })
    #expect(finding.severity == .error)
    #expect(finding.found.contains("257 labels up to 256"))
    #expect(finding.expected.contains("255"))
  }

  @Test func aMissingFileSaysWhatToChange() throws {
    let task = try RawTaskFixture()
    let manager = FileManager.default
    func rename(_ file: URL, to name: String) throws {
      try manager.moveItem(
        at: file, to: file.deletingLastPathComponent().appending(path: name))
    }
    try rename(task.image(0), to: "case_0_0000.NII.GZ")
    try rename(task.image(1), to: "case_1_0000.nii.gz ")
    try rename(task.label(2), to: "case_2.nii.gzz")
    try manager.removeItem(at: task.label(3))
    try makeFolder(at: task.label(3))
    let findings = try verification(of: task).findings().filter { $0.severity == .error }
    func found(_ file: URL) -> String {
      findings.filter { $0.file == file.path }.map(\.text).joined()
    }
    #expect(try found(task.image(0)).contains("capital letters"))
    #expect(try found(task.image(1)).contains("a space"))
    #expect(try found(task.label(2)).contains("similar names:"))
    #expect(try found(task.label(3)).contains("it is a folder"))
  }

  /// The most frequent mistake: dataset.json lists the files with the channel's number.
  @Test func channelNumbersInTheListAreExplained() throws {
    var task = try RawTaskFixture()
    task.description.training = task.description.training.map {
      .init(image: $0.image.replacing(".nii.gz", with: "_0000.nii.gz"), label: $0.label)
    }
    let findings = try verification(of: task).findings()
    #expect(findings.contains { $0.found.contains("without the channel number") })
  }

  @Test(arguments: [Float.nan, .infinity]) func findsVoxelsThatAreNoNumbers(value: Float) throws {
    let task = try RawTaskFixture()
    var volume = RawTaskFixture.image(seed: 0)
    volume.voxels[1, 2, 3] = value
    try NIfTIFile.write(volume, to: task.image(0))
    let findings = try verification(of: task).findings()
    #expect(findings.count == 1)
    #expect(findings.first?.found.contains("1 of 3840 voxels") == true)
  }

  @Test(arguments: [
    (1e-5, nil), (0.05, VerificationFinding.Severity.warning), (0.2, .error),
  ])
  func judgesShiftsBySize(shift: Double, severity: VerificationFinding.Severity?) throws {
    let task = try RawTaskFixture()
    try NIfTIFile.write(RawTaskFixture.image(seed: 0, origin: [0, shift, 0]), to: task.image(0))
    #expect(try verification(of: task).findings().map(\.severity) == [severity].compactMap { $0 })
  }

  @Test func warnsOfOtherOrientationsAndEmptyLabels() throws {
    let task = try RawTaskFixture()
    let flipped = Geometry(direction: [-1, 0, 0, 0, 1, 0, 0, 0, 1])
    var image = RawTaskFixture.image(seed: 2)
    image.geometry = flipped
    try NIfTIFile.write(image, to: task.image(2))
    let empty = LabelVolume(
      labels: DenseArray(shape: [12, 20, 16], filledWith: 0), geometry: flipped)
    try NIfTIFile.write(empty, to: task.label(2))
    let findings = try verification(of: task).findings()
    #expect(findings.map(\.severity) == [.warning, .warning])
    #expect(findings.contains { $0.found.contains("RPS") && $0.expected.contains("LPS") })
    #expect(findings.contains { $0.found.contains("background") })
  }

  @Test func findsSecondFilesOfOneName() throws {
    let task = try RawTaskFixture()
    let images = try task.rawTask.appending(path: "imagesTr")
    let plain = images.appending(path: "case_1_0000.nii")
    try NIfTIFile.write(RawTaskFixture.image(seed: 1), to: plain)
    for name in ["readme.txt", "list.csv", ".DS_Store"] {
      try Data().write(to: images.appending(path: name))
    }
    let label = try task.label(2)
    try NIfTIFile.write(RawTaskFixture.labels(), to: label.deletingPathExtension())
    try FileManager.default.removeItem(at: label)
    let findings = try verification(of: task).findings()
    #expect(findings.count == 4)
    #expect(findings[0].severity == .warning && findings[0].found.contains("2 files are no"))
    #expect(
      findings[1].file == plain.path
        && findings[1].found == "a second file with the same name as case_1_0000.nii.gz")
    #expect(findings[2].found == "an image that is not compressed")
    #expect(
      findings[3].file == label.path && findings[3].found.hasPrefix("the file does not exist"))
  }

  @Test func checksTestCases() throws {
    var task = try RawTaskFixture()
    task.description.test = ["./imagesTs/unseen.nii.gz"]
    try Data().write(to: task.rawTask.appending(path: "imagesTs/other_0000.nii.gz"))
    #expect(
      try verification(of: task).findings().map { URL(fileURLWithPath: $0.file).lastPathComponent }
        == ["other_0000.nii.gz", "unseen_0000.nii.gz"])
  }

  private func verification(of task: RawTaskFixture) throws -> DatasetVerification {
    DatasetVerification(
      rawTask: try task.rawTask, description: task.description, threads: 2)
  }
}
