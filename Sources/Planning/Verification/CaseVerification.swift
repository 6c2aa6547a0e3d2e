import Arrays
import Foundation
import HostSystem
import Imaging

/// Checks the files of one case.
struct CaseVerification: Sendable {
  var identifier: String
  /// One file for each channel.
  var imageFiles: [URL]
  /// Nil for test cases.
  var labelFile: URL?
  var expectedLabels: Set<Int>
  /// How many channels the files have together; nil where each has one.
  var channelCount: Int?

  /// Geometries count as equal if they differ by less than this part of the finest spacing: header
  /// fields are rounded to single precision.
  static let roundingTolerance = 1e-3
  /// Differences below this part of the finest spacing are only a warning.
  static let shiftTolerance = 0.1

  /// What was found.
  struct Report: Sendable {
    var findings: [VerificationFinding] = []
    /// The directions in which the axes x, y, z run, such as "LPS"; nil if the image is unreadable.
    var orientation: String?
  }

  /// The shape and geometry that all files of a case must share.
  struct Grid {
    var file: URL
    /// z, y, x.
    var shape: [Int]
    var geometry: Geometry
  }

  func verify() -> Report {
    var report = Report()
    var reference: Grid?
    var channels = 0
    for file in imageFiles {
      guard exists(file, &report), checkFields(file, &report) else { continue }
      checkGrid(file, &reference, &report)
      let image = attempt(file, &report) { () throws(ImagingError) in
        try VolumeFile.readChannels(at: file)
      }
      guard let image else { continue }
      channels += image.channels
      checkFinite(image.voxels.scalars, file, &report)
    }
    if let channelCount, report.findings.isEmpty, channels != channelCount {
      add(
        .error, imageFiles[0], "the case has \(countText(channels, "channel"))",
        expected: "\(channelCount), as dataset.json says",
        "Correct dataset.json, or export the image again.", &report)
    }
    report.orientation = reference.map { Self.orientation(of: $0.geometry) }
    guard let labelFile, exists(labelFile, &report), checkFields(labelFile, &report) else {
      return report
    }
    checkGrid(labelFile, &reference, &report)
    let labels = attempt(labelFile, &report) { () throws(ImagingError) in
      try VolumeFile.readLabels(at: labelFile)
    }
    if let labels { checkLabels(labels.labels.scalars, labelFile, &report) }
    return report
  }

  func add(
    _ severity: VerificationFinding.Severity, _ file: URL, _ found: String, expected: String,
    _ remedy: String, _ report: inout Report
  ) {
    report.findings.append(
      .init(
        severity, caseIdentifier: identifier, file: file.path, found: found, expected: expected,
        remedy: remedy))
  }

  private func exists(_ file: URL, _ report: inout Report) -> Bool {
    guard fileExists(file) else {
      let near = nearNames(to: file)
      add(
        .error, file, "the file does not exist" + (near.map { "; \($0)" } ?? ""),
        expected: "a \(FileEnding(ofName: file.lastPathComponent) ?? .standard) file",
        near == nil
          ? "Add it, or remove the case from dataset.json."
          : "Rename it, or correct dataset.json.", &report)
      return false
    }
    // It is reported with the folder's other names.
    return !isFolder(file)
  }

  /// The value that `body` reads; nil, with a finding, if it fails.
  ///
  /// A failure is reported once per file.
  func attempt<Value>(
    _ file: URL, _ report: inout Report, _ body: () throws(ImagingError) -> Value
  ) -> Value? {
    do throws(ImagingError) {
      return try body()
    } catch {
      var expected = "an image that can be read"
      if case .invalidLabel = error { expected = "integers of 0...255" }
      if case .wrongDimensions = error { expected = "one 3D image" }
      if case .notOrthogonal = error { expected = "perpendicular axes" }
      let finding = VerificationFinding(
        .error, caseIdentifier: identifier, file: file.path, found: error.message,
        expected: expected, remedy: error.hint ?? "Export the file again.")
      if !report.findings.contains(finding) { report.findings.append(finding) }
      return nil
    }
  }

  /// The anatomical direction that each voxel axis x, y, z runs to, as three letters.
  static func orientation(of geometry: Geometry) -> String {
    let names = [("L", "R"), ("P", "A"), ("S", "I")]
    return (0..<3).map { axis in
      let column = (0..<3).map { geometry.direction[3 * $0 + axis] }
      let main = (0..<3).max { abs(column[$0]) < abs(column[$1]) }!
      return column[main] >= 0 ? names[main].0 : names[main].1
    }.joined()
  }
}
