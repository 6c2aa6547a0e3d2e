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

  /// Geometries count as equal up to this part of the finest spacing: header fields are rounded to
  /// single precision.
  static let roundingTolerance = 1e-3
  /// Up to this part of the finest spacing geometries that differ are only warned of.
  static let shiftTolerance = 0.1

  /// What was found.
  struct Report: Sendable {
    var findings: [VerificationFinding] = []
    /// The directions in which the axes x, y, z run, such as "LPS"; nil if the image is unreadable.
    var orientation: String?
  }

  /// The shape and geometry that all files of a case must share.
  private struct Grid {
    var file: URL
    /// z, y, x.
    var shape: [Int]
    var geometry: Geometry
  }

  func verify() -> Report {
    var report = Report()
    var reference: Grid?
    for file in imageFiles {
      guard let volume = read(file, { try NIfTIFile.readVolume(at: $0) }, &report) else { continue }
      checkFinite(volume.voxels.scalars, file, &report)
      let grid = Grid(file: file, shape: volume.voxels.shape, geometry: volume.geometry)
      compare(grid, with: reference, &report)
      reference = reference ?? grid
    }
    report.orientation = reference.map { Self.orientation(of: $0.geometry) }
    guard let labelFile,
      let volume = read(labelFile, { try NIfTIFile.readLabels(at: $0) }, &report)
    else { return report }
    checkLabels(volume.labels.scalars, labelFile, &report)
    compare(
      Grid(file: labelFile, shape: volume.labels.shape, geometry: volume.geometry),
      with: reference, &report)
    return report
  }

  private func add(
    _ severity: VerificationFinding.Severity, _ file: URL, _ problem: String, _ remedy: String,
    _ report: inout Report
  ) {
    report.findings.append(
      .init(
        severity, caseIdentifier: identifier, file: file.path, problem: problem, remedy: remedy))
  }

  private func read<Image>(
    _ file: URL, _ body: (URL) throws -> Image, _ report: inout Report
  ) -> Image? {
    guard FileManager.default.fileExists(atPath: file.path) else {
      add(
        .error, file, "the file does not exist",
        "Add it, or take the case out of dataset.json.", &report)
      return nil
    }
    do {
      return try body(file)
    } catch {
      let explained = error as? any ExplainedError
      add(
        .error, file, explained?.message ?? "\(error)",
        explained?.hint ?? "Export the file again.", &report)
      return nil
    }
  }

  private func checkFinite(_ voxels: [Float], _ file: URL, _ report: inout Report) {
    let count = voxels.withUnsafeBufferPointer { voxels in
      var count = 0
      // Only NaN and the infinities have all bits of the exponent set.
      for voxel in voxels {
        count &+= voxel.bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0
      }
      return count
    }
    guard count > 0 else { return }
    add(
      .error, file, "\(count) of \(voxels.count) voxels are NaN or infinite",
      "Replace these voxels and save the image again.", &report)
  }

  private func checkLabels(_ labels: [UInt8], _ file: URL, _ report: inout Report) {
    var isPresent = Array(repeating: false, count: 256)
    labels.withUnsafeBufferPointer { labels in
      for label in labels { isPresent[Int(label)] = true }
    }
    let found = isPresent.indices.filter { isPresent[$0] }
    let unexpected = found.filter { !expectedLabels.contains($0) }
    if !unexpected.isEmpty {
      add(
        .error, file,
        "it has the labels \(unexpected), but dataset.json declares \(expectedLabels.sorted())",
        "Declare them, or correct the label file.", &report)
    }
    if found == [0] {
      add(
        .warning, file, "all voxels are background", "Check that the labels are complete.",
        &report)
    }
  }

  private func compare(_ grid: Grid, with reference: Grid?, _ report: inout Report) {
    guard let reference else { return }
    guard grid.shape == reference.shape else {
      add(
        .error, grid.file,
        "it has \(sizeText(grid.shape)) voxels (z, y, x), but \(reference.file.lastPathComponent) has"
          + " \(sizeText(reference.shape))",
        "All files of a case must have the same voxels; resample it.", &report)
      return
    }
    let voxel = reference.geometry.spacing.min() ?? 0
    let distance = largestDistance(
      between: reference.geometry, and: grid.geometry, shape: grid.shape)
    guard !(distance <= Self.roundingTolerance * voxel) else { return }
    let isSmall = distance <= Self.shiftTolerance * voxel
    add(
      isSmall ? .warning : .error, grid.file,
      "its voxels lie up to \(Self.text(distance)) mm away from those of"
        + " \(reference.file.lastPathComponent):"
        + " \(Self.text(grid.geometry)) against \(Self.text(reference.geometry))",
      "All files of a case must have the same spacing, origin and direction; correct the header,"
        + " or register and resample the image.", &report)
  }

  private static func text(_ geometry: Geometry) -> String {
    "spacing \(geometry.spacing), origin \(geometry.origin), direction \(geometry.direction)"
  }

  private static func text(_ distance: Double) -> String {
    distance.isFinite ? "\((distance * 1e4).rounded() / 1e4)" : "\(distance)"
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
