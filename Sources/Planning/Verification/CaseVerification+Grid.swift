import Foundation
import HostSystem
import Imaging

// MARK: - The positions of the voxels

extension CaseVerification {
  /// The fraction by which the sform's spacing may differ from that of `pixdim`.
  static let spacingTolerance = 1e-3
  /// The number of degrees by which the angles between the sform's axes may differ from 90.
  static let angleTolerance = 0.01

  /// Checks the stored spacing and the sform; false if the file has no header.
  func checkFields(_ file: URL, _ report: inout Report) -> Bool {
    // The readers of other formats refuse impossible numbers.
    guard (try? VolumeFormat(of: file)) == .nifti else { return true }
    let fields = attempt(file, &report) { () throws(ImagingError) in try NIfTIGridFields(at: file) }
    guard let fields else { return false }
    for (axis, name) in ["x", "y", "z"].enumerated().prefix(fields.rank) {
      let spacing = fields.spacing[axis]
      guard !(spacing > 0 && spacing.isFinite) else { continue }
      add(
        .error, file, "the spacing along \(name), pixdim[\(axis + 1)], is \(spacing)",
        expected: "a positive number of mm",
        "Correct the header; planning depends on the distances between voxels.",
        &report)
    }
    if fields.sformCode > 0 { checkTransform(fields, file, &report) }
    return true
  }

  private func checkTransform(
    _ fields: NIfTIGridFields, _ file: URL, _ report: inout Report
  ) {
    let angles = fields.sformAngles
    guard angles.allSatisfy({ abs($0 - 90) <= Self.angleTolerance }) else {
      // Without a qform, the image cannot be read, which is a separate error.
      guard fields.qformCode > 0 else { return }
      add(
        .warning, file,
        "the angles between the sform's axes are \(angles.map(Self.text).joined(separator: ", "))°",
        expected: "90° (the qform is used instead)",
        "Resample the image onto perpendicular axes, or set the sform to the qform.", &report)
      return
    }
    let lengths = fields.sformSpacing
    let differs = zip(lengths, fields.spacing).contains { length, spacing in
      spacing > 0 && !(abs(length - spacing) <= Self.spacingTolerance * spacing)
    }
    guard differs else { return }
    add(
      .warning, file,
      "the sform's axes are \(lengths.map(Self.text).joined(separator: ", ")) mm long",
      expected: "the spacing \(fields.spacing.map(Self.text).joined(separator: ", ")) mm of pixdim"
        + " (which is used)",
      "Make them equal; programs disagree on which of them to use.", &report)
  }

  /// Compares the grid with that of the case's first readable file.
  func checkGrid(_ file: URL, _ reference: inout Grid?, _ report: inout Report) {
    let header = attempt(file, &report) { () throws(ImagingError) in
      try VolumeFile.readHeader(at: file)
    }
    guard let header else { return }
    let grid = Grid(file: file, shape: header.volumeShape, geometry: header.geometry)
    guard let reference else {
      reference = grid
      return
    }
    compare(grid, with: reference, &report)
  }

  private func compare(_ grid: Grid, with reference: Grid, _ report: inout Report) {
    let other = reference.file.lastPathComponent
    guard grid.shape == reference.shape else {
      add(
        .error, grid.file, "it has \(Self.text(grid.shape)) voxels (z, y, x)",
        expected: "\(Self.text(reference.shape)) as in \(other)",
        "All files of a case must have the same voxels; resample it.", &report)
      return
    }
    let voxel = reference.geometry.spacing.min() ?? 0
    let distance = largestDistance(
      between: reference.geometry, and: grid.geometry, shape: grid.shape)
    guard !(distance <= Self.roundingTolerance * voxel) else { return }
    add(
      distance <= Self.shiftTolerance * voxel ? .warning : .error, grid.file,
      "\(Self.text(grid.geometry)), so that voxels lie up to \(Self.text(distance)) mm apart",
      expected: "\(Self.text(reference.geometry)) as in \(other)",
      "All files of a case must have the same spacing, origin and direction; correct the header,"
        + " or register and resample the image.", &report)
  }

  private static func text(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "×")
  }

  private static func text(_ geometry: Geometry) -> String {
    "spacing \(geometry.spacing), origin \(geometry.origin), direction \(geometry.direction)"
  }

  private static func text(_ number: Double) -> String {
    number.isFinite ? "\((number * 1e4).rounded() / 1e4)" : "\(number)"
  }
}

// MARK: - The values of the voxels

extension CaseVerification {
  func checkFinite(_ voxels: [Float], _ file: URL, _ report: inout Report) {
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
      expected: "finite numbers", "Replace these voxels and save the image again.", &report)
  }

  func checkLabels(_ labels: [UInt8], _ file: URL, _ report: inout Report) {
    var isPresent = Array(repeating: false, count: 256)
    labels.withUnsafeBufferPointer { labels in
      for label in labels { isPresent[Int(label)] = true }
    }
    let found = isPresent.indices.filter { isPresent[$0] }
    if !Set(found).isSubset(of: expectedLabels) {
      add(
        .error, file, "it has the labels \(found.filter { !expectedLabels.contains($0) })",
        expected: "the labels \(expectedLabels.sorted()) that dataset.json declares",
        "Declare them, or correct the label file.", &report)
    }
    if found == [0] {
      add(
        .warning, file, "all voxels are background", expected: "some foreground",
        "Check that the labels are complete.", &report)
    }
  }
}
