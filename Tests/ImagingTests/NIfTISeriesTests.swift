import Arrays
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct NIfTISeriesTests {
  @Test func aSeriesSplitsWithItsTypeOfVoxel() throws {
    let folder = try temporaryFolder()
    let targets = (0..<3).map { folder.appendingPathComponent("case_000\($0).nii.gz") }
    try NIfTIFile.splitSeries(at: fixtureURL("nifti/series.nii.gz"), into: targets)
    for (number, target) in targets.enumerated() {
      let header = try NIfTIFile.readHeader(at: target)
      #expect(header.scalar == .int16)
      #expect(header.extents == [4, 3, 2])
      let volume = try NIfTIFile.readVolume(at: target)
      #expect(volume.voxels.scalars == (0..<24).map { Float($0 - 12 + 100 * number) })
      expectClose(volume.geometry.spacing, [0.7, 1.2, 3], absolute: 0, relative: 1e-7)
      expectClose(volume.geometry.origin, [-10.5, 20.25, 33], absolute: 0)
    }
  }

  @Test func scaleAndByteOrderAreCarriedOver() throws {
    let folder = try temporaryFolder()
    for name in ["int16_v1_le_scaled", "uint32_v1_be", "float64_v2_be", "uint64_v1_le"] {
      let source = fixtureURL("nifti/voxels/\(name).nii.gz")
      let target = folder.appendingPathComponent("\(name).nii.gz")
      try NIfTIFile.splitSeries(at: source, into: [target])
      #expect(
        try NIfTIFile.readHeader(at: target).scalar == NIfTIFile.readHeader(at: source).scalar)
      let (copy, original) = try (
        NIfTIFile.readVolume(at: target), NIfTIFile.readVolume(at: source)
      )
      #expect(copy.voxels == original.voxels)
      #expect(copy.geometry == original.geometry)
    }
  }

  @Test func anotherNumberOfImagesIsAnError() throws {
    let folder = try temporaryFolder()
    let source = fixtureURL("nifti/series.nii.gz")
    #expect(throws: ImagingError.self) {
      try NIfTIFile.splitSeries(at: source, into: [folder.appendingPathComponent("a.nii.gz")])
    }
    #expect(
      throws: ImagingError.wrongDimensions(
        path: source.path, extents: [4, 3, 2, 3], expected: "2 or 3")
    ) { try NIfTIFile.readVolume(at: source) }
    #expect(throws: ImagingError.self) { try NIfTIFile.readLabels(at: source) }
  }
}
