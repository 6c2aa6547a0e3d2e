import Arrays
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIScalarWritingTests {
  private let values: [Float] = [0, 1, 2.5, 3.5, -1.4, 255, 256, 40000, -40000, 1e12, -1e12, .nan]

  private func written(as scalar: NIfTIScalar) throws -> [Float] {
    let url = try temporaryFolder().appendingPathComponent("image.nii.gz")
    let volume = Volume(
      voxels: DenseArray(shape: [1, 3, 4], scalars: values), geometry: Geometry())
    try NIfTIFile.write(volume, to: url, as: scalar)
    #expect(try NIfTIFile.readHeader(at: url).scalar == scalar)
    return try NIfTIFile.readVolume(at: url).voxels.scalars
  }

  @Test func integersAreRoundedAndKeptInRange() throws {
    #expect(try written(as: .uint8) == [0, 1, 2, 4, 0, 255, 255, 255, 0, 255, 0, 0])
    #expect(
      try written(as: .int16) == [0, 1, 2, 4, -1, 255, 256, 32767, -32768, 32767, -32768, 0])
    #expect(
      try written(as: .int32)
        == [0, 1, 2, 4, -1, 255, 256, 40000, -40000, 2_147_483_520, -2_147_483_648, 0])
    #expect(
      try written(as: .uint64) == [0, 1, 2, 4, 0, 255, 256, 40000, 0, 1e12, 0, 0])
  }

  @Test func floatingPointIsKept() throws {
    for scalar in [NIfTIScalar.float32, .float64] {
      let read = try written(as: scalar)
      #expect(read.dropLast() == values.dropLast())
      #expect(read.last?.isNaN == true)
    }
  }

  @Test func aSeriesIs4D() throws {
    let folder = try temporaryFolder()
    let url = folder.appendingPathComponent("series.nii.gz")
    let geometry = Geometry(spacing: [1, 2, 3], origin: [4, 5, 6])
    let volumes = (0..<3).map { number in
      Volume(voxels: DenseArray(shape: [2, 3, 4], filledWith: Float(number)), geometry: geometry)
    }
    try NIfTIFile.writeSeries(volumes, to: url, as: .uint16)
    #expect(try NIfTIFile.readHeader(at: url).extents == [4, 3, 2, 3])
    let targets = (0..<3).map { folder.appendingPathComponent("part\($0).nii") }
    try NIfTIFile.splitSeries(at: url, into: targets)
    for (volume, target) in zip(volumes, targets) {
      let part = try NIfTIFile.readVolume(at: target)
      #expect(part.voxels == volume.voxels)
      #expect(part.geometry == geometry)
    }
  }
}
