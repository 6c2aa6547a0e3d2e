import Arrays
import Charts
import Foundation
import HostSystem
import Imaging
import Plans
import Testing

@testable import Reports

@Suite struct TaskOverviewTests {
  /// The numbers are those of nnU-Net v1.7.1, `generate_overlay` of `overlay_plots.py`, for this slice
  /// and these labels, printed row by row.
  @Test func colorsAreThoseOfV1() {
    let slice: [Float] = [-2, -1, 0, 1, 2, 3, 4, 5, 10, 7.5, 0.25, -0.5]
    let labels = [0, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 3]
    let picture = OverlayPicture.image(slice: slice, labels: labels, width: 4, height: 3)
    #expect(picture.pixels == Self.expected)
  }

  static let expected: [UInt8] = [
    0, 0, 0, 16, 16, 16, 63, 78, 132, 79, 94, 148, 178, 125, 88, 194, 141, 104, 125, 181, 132, 142,
    197, 149, 196, 196, 196, 186, 200, 255, 149, 96, 59, 52, 107, 59,
  ]

  @Test func aLabelKeepsItsColor() {
    // v1 gives label 2 the color of label 1 where the slice has no label 1.
    let with = OverlayPicture.image(slice: [0, 0, 1], labels: [2, 1, 0], width: 3, height: 1)
    let without = OverlayPicture.image(slice: [0, 0, 1], labels: [2, 0, 0], width: 3, height: 1)
    #expect(with.pixels[..<3] == without.pixels[..<3])
    #expect(OverlayPicture.color(of: 15) == OverlayPicture.color(of: 1), "never black")
  }

  @Test func slicesWithoutContrastAreBlack() {
    let flat = OverlayPicture.image(slice: [3, 3], labels: [0, 0], width: 2, height: 1)
    #expect(flat.pixels == [0, 0, 0, 0, 0, 0])
    #expect(OverlayPicture.slice(of: [0, 3, 3, 1]) == 1, "the first of equals, as numpy.argmax")
  }

  @Test func rawCasesAreDrawn() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    let task = try fixture.workspace.rawTask(ReportFixture.task)
    let output = fixture.root.appending(path: "pngs")
    let overview = TaskOverview(channel: 0, threads: 2, reporter: SilentReporter())
    #expect(try overview.drawRaw(task: task, into: output) == 2)
    let png = try Data(contentsOf: output.appending(path: "a.png"))
    #expect(png[16..<24] == Data([0, 0, 1, 254, 0, 0, 1, 84]), "510×340 pixels for 30×20 voxels")
    let other = TaskOverview(channel: 1, threads: 2, reporter: SilentReporter())
    #expect(
      throws: ReportError.filesMissing(
        ["a", "b"].map { task.appending(path: "imagesTr/\($0)_0001.nii.gz").path })
    ) { try other.drawRaw(task: task, into: output) }
    #expect(
      throws: ReportError.noPreparedTask(folder: task.path, prefix: "nnUNetData_plans_v2.1")
    ) {
      try overview.drawPrepared(task: task, dataIdentifier: "nnUNetData_plans_v2.1", into: output)
    }
    #expect(throws: ReportError.noCases(folder: "/nowhere/labelsTr")) {
      try overview.drawRaw(task: URL(fileURLWithPath: "/nowhere"), into: output)
    }
  }
}
