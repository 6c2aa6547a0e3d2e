import Arrays
import Foundation
import Imaging
import Plans
import TestSupport
import Testing

@testable import Planning

/// Files whose headers were damaged by hand.
@Suite struct HeaderVerificationTests {
  /// Offsets in the header of version 1.
  private enum Field {
    static let pixdim = 76
    static let qformCode = 252
    static let sformCode = 254
    static let srow = 280
  }

  private func findings(of task: RawTaskFixture) throws -> [VerificationFinding] {
    DatasetVerification(rawTask: try task.rawTask, description: task.description).findings()
  }

  /// Writes numbers into the header of an image; the file is not compressed afterwards.
  private func damage(
    _ file: URL, floats: [Int: Float] = [:], shorts: [Int: Int16] = [:]
  ) throws {
    let volume = try NIfTIFile.readVolume(at: file)
    let plain = try temporaryFolder().appending(path: "image.nii")
    try NIfTIFile.write(volume, to: plain)
    var bytes = try Data(contentsOf: plain)
    for (offset, value) in floats {
      withUnsafeBytes(of: value.bitPattern.littleEndian) {
        bytes.replaceSubrange(offset..<offset + 4, with: $0)
      }
    }
    for (offset, value) in shorts {
      withUnsafeBytes(of: value.littleEndian) {
        bytes.replaceSubrange(offset..<offset + 2, with: $0)
      }
    }
    try bytes.write(to: file)
  }

  @Test(arguments: [Float(0), -1.5, .nan]) func findsSpacingsThatAreNotPositive(
    spacing: Float
  ) throws {
    let task = try RawTaskFixture()
    try damage(try task.image(1), floats: [Field.pixdim + 8: spacing])
    let finding = try #require(try findings(of: task).first { $0.expected.contains("positive") })
    #expect(finding.severity == .error && finding.caseIdentifier == "case_1")
    #expect(finding.found == "the spacing along y, pixdim[2], is \(Double(spacing))")
    #expect(finding.file == (try task.image(1).path) && !finding.remedy.isEmpty)
  }

  @Test func findsShearedAndRescaledTransforms() throws {
    let task = try RawTaskFixture()
    // x axis (-1, 0, 0) becomes (-1, 0.2, 0): 78.7° to the y axis.
    try damage(try task.image(0), floats: [Field.srow + 16: 0.2])
    try damage(
      try task.image(1), floats: [Field.srow + 16: 0.2], shorts: [Field.qformCode: 0])
    try damage(try task.image(2), floats: [Field.srow: -2])
    let findings = try findings(of: task)
    #expect(findings.map(\.caseIdentifier) == ["case_0", "case_1", "case_2"])
    #expect(findings.map(\.severity) == [.warning, .error, .warning])
    #expect(
      findings[0].found.contains("101.3099, 90.0, 90.0") && findings[0].expected.contains("90°"))
    #expect(findings[1].expected.contains("perpendicular"))
    #expect(findings[2].found.contains("2.0, 1.0, 1.0 mm long"))
  }

  @Test func findsRepeatedCases() throws {
    var task = try RawTaskFixture()
    for file in ["unseen_0000.nii.gz", "case_0_0000.nii.gz"] {
      try NIfTIFile.write(
        RawTaskFixture.image(seed: 1), to: task.rawTask.appending(path: "imagesTs/\(file)"))
    }
    task.description.test = [
      "./imagesTs/unseen.nii.gz", "imagesTs/unseen.nii.gz", "./imagesTs/case_0.nii.gz",
    ]
    task.description.training[3].label = "./labelsTr/case_2.nii.gz"
    let findings = try findings(of: task)
    let texts = findings.map(\.text).joined(separator: "\n")
    #expect(texts.contains("\"test\" lists the case 2 times; expected every case once"))
    #expect(texts.contains("the case is listed under \"training\" and under \"test\""))
    #expect(texts.contains("it is the label file of case_2 and case_3"))
    #expect(texts.contains("case_3.nii.gz: a file that belongs to no case"))
    #expect(findings.count == 4 && findings.count { $0.severity == .warning } == 1)
  }

  @Test func findsLabelsThatAreNoIntegersAndTheirGeometryInOneRun() throws {
    var task = try RawTaskFixture()
    var labels = Volume(
      voxels: RawTaskFixture.labels().labels.map { Float($0) },
      geometry: .init(origin: [0, 0, 5]))
    labels.voxels[4, 6, 7] = 0.5
    try NIfTIFile.write(labels, to: task.label(2))
    task.description.labels = [0: "background", 1: "cube", 3: "corner"]
    let findings = try findings(of: task)
    let texts = findings.map(\.text).joined(separator: "\n")
    #expect(
      texts.contains("the value 0.5 at voxel [7, 6, 4] (x, y, z), which is not a label; expected"))
    #expect(texts.contains("so that voxels lie up to 5.0 mm apart"))
    #expect(texts.contains("the labels are [0, 1, 3]; expected [0, 1, 2]"))
    // The corner is label 2 in the four readable files.
    #expect(findings.count { $0.found == "it has the labels [2]" } == 4)
  }

  @Test func theReportIsGroupedByCase() throws {
    let task = try RawTaskFixture()
    try damage(try task.image(1), floats: [Field.pixdim + 4: 0])
    try FileManager.default.removeItem(at: task.label(1))
    try damage(try task.image(2), floats: [Field.srow: -2])
    let error = #expect(throws: PlanningError.self) {
      try DatasetVerification(rawTask: task.rawTask, description: task.description)
        .verify(reporter: CollectingReporter())
    }
    let message = error?.message ?? ""
    #expect(message.hasPrefix("The dataset has 2 errors and 1 warning:\ncase case_1\n  - error: "))
    #expect(message.contains("\ncase case_2\n  - warning: "))
  }
}
