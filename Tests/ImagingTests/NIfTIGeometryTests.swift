import Arrays
import Foundation
import Imaging
import TestSupport
import Testing

/// The geometry of headers is compared with what SimpleITK reads from the same bytes.
@Suite struct NIfTIGeometryTests {
  struct Expected: Decodable {
    struct Values: Decodable {
      var size: [Int]
      var spacing: [Double]
      var origin: [Double]
      var direction: [Double]
    }
    var kind: String
    var geometry: Values?
  }

  @Test func geometryEqualsSimpleITKs() throws {
    let headers = try Data(contentsOf: fixtureURL("nifti/headers.bin"))
    let expected = try JSONDecoder().decode(
      [Expected].self, from: Data(contentsOf: fixtureURL("nifti/headers.json")))
    #expect(headers.count == 352 * expected.count)
    let url = try temporaryFolder().appendingPathComponent("image.nii")
    var compared = 0
    for (index, expectation) in expected.enumerated() {
      let header = headers[index * 352..<(index + 1) * 352]
      try (header + Data(count: 24)).write(to: url)
      guard let values = expectation.geometry else {
        #expect(throws: ImagingError.notOrthogonal(path: url.path), "\(index)") {
          try NIfTIFile.readHeader(at: url)
        }
        continue
      }
      let read = try NIfTIFile.readHeader(at: url)
      check(read, values, "header \(index), \(expectation.kind)")
      compared += 1
    }
    #expect(compared > 250)
  }

  private func check(_ header: NIfTIHeader, _ expected: Expected.Values, _ comment: Comment) {
    let rank = expected.size.count
    #expect(header.extents == expected.size, comment)
    #expect(header.volumeShape.count == 3)
    expectClose(
      header.geometry.spacing.prefix(rank), expected.spacing, absolute: 0, relative: 1e-7, comment)
    expectClose(
      header.geometry.origin.prefix(rank), expected.origin, absolute: 1e-6, relative: 1e-6, comment)
    guard rank == 3 else { return }
    expectClose(header.geometry.direction, expected.direction, absolute: 2e-6, comment)
  }

  @Test func flatImagesKeepTheirPlaneInSpace() throws {
    // SimpleITK's 2D direction loses the part that points out of the plane; ours keeps the full
    // rotation.
    let volume = Volume(
      voxels: .init(shape: [1, 2, 3], filledWith: 0),
      geometry: Geometry(
        spacing: [1, 2, 999], origin: [4, 5, 6], direction: [0, 0, 1, 1, 0, 0, 0, 1, 0]))
    let url = try temporaryFolder().appendingPathComponent("image.nii")
    try NIfTIFile.write(volume, to: url)
    var bytes = try Data(contentsOf: url)
    bytes[40] = 2  // dim[0]
    try bytes.write(to: url)
    let read = try NIfTIFile.readVolume(at: url)
    #expect(read.voxels.shape == [1, 2, 3])
    expectClose(read.geometry.direction, volume.geometry.direction, absolute: 1e-7)
    expectClose(read.geometry.origin, [4, 5, 6], absolute: 1e-7)
    #expect(read.geometry.arraySpacing == [999, 2, 1])
  }
}
