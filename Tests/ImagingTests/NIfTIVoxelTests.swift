import Arrays
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIVoxelTests {
  private static let expected: [String: [Float]] = {
    let data = try? Data(contentsOf: fixtureURL("nifti/voxels.json"))
    return data.flatMap { try? JSONDecoder().decode([String: [Float]].self, from: $0) } ?? [:]
  }()

  @Test func everyTypeVersionAndByteOrderReadsAsInSimpleITK() throws {
    #expect(Self.expected.count == 50)
    for (name, values) in Self.expected {
      let volume = try NIfTIFile.readVolume(at: fixtureURL("nifti/voxels/\(name).nii.gz"))
      #expect(volume.voxels == DenseArray(shape: [2, 3, 4], scalars: values), "\(name)")
      expectClose(volume.geometry.spacing, [1.5, 2, 2.5], absolute: 0)
      expectClose(volume.geometry.origin, [-10, 20, 30], absolute: 0)
      expectClose(volume.geometry.direction, [1, 0, 0, 0, -1, 0, 0, 0, 1], absolute: 0)
      let header = try NIfTIFile.readHeader(at: fixtureURL("nifti/voxels/\(name).nii.gz"))
      #expect(name.hasPrefix("\(header.scalar)_v\(header.version)_"))
      #expect(header.isByteSwapped == name.contains("be"))
      #expect(header.isScaled == name.contains("scaled"))
    }
  }

  @Test func uncompressedFilesReadTheSame() throws {
    let compressed = fixtureURL("nifti/voxels/int16_v1_be.nii.gz")
    let volume = try NIfTIFile.readVolume(at: compressed)
    let url = try temporaryFolder().appendingPathComponent("plain.nii")
    try NIfTIFile.write(volume, to: url)
    #expect(try Data(contentsOf: url).count == 352 + 24 * 4)
    let again = try NIfTIFile.readVolume(at: url)
    #expect(again.voxels == volume.voxels)
    #expect(again.geometry == volume.geometry)
  }

  @Test func labelsOfEveryTypeAreRead() throws {
    let folder = try temporaryFolder()
    let values = (0..<24).map { UInt8($0 * 11) }
    for (code, bytes) in storedLabels(values) {
      let url = folder.appendingPathComponent("labels.nii")
      try plainFile(code: code, voxels: bytes).write(to: url)
      #expect(
        try NIfTIFile.readLabels(at: url).labels == DenseArray(shape: [2, 3, 4], scalars: values))
    }
  }

  private func storedLabels(_ values: [UInt8]) -> [(Int, Data)] {
    func stored<Stored>(_ transform: (UInt8) -> Stored) -> Data {
      values.map(transform).withUnsafeBytes { Data($0) }
    }
    return [
      (2, stored { $0 }), (4, stored { Int16($0) }), (8, stored { Int32($0) }),
      (16, stored { Float($0) }), (64, stored { Double($0) }), (512, stored { UInt16($0) }),
      (768, stored { UInt32($0) }), (1024, stored { Int64($0) }), (1280, stored { UInt64($0) }),
    ]
  }

  @Test(arguments: [0.5, -1, 256, Double.nan, .infinity])
  func valuesThatAreNoLabelsAreErrors(value: Double) throws {
    let url = try temporaryFolder().appendingPathComponent("labels.nii")
    var values = [Double](repeating: 3, count: 24)
    values[17] = value
    try plainFile(code: 64, voxels: values.withUnsafeBytes { Data($0) }).write(to: url)
    do {
      _ = try NIfTIFile.readLabels(at: url)
      Issue.record("\(value) was read as a label")
    } catch {
      guard case .invalidLabel(let path, let found, let index) = error else { throw error }
      #expect(path == url.path)
      #expect(found == value || (found.isNaN && value.isNaN))
      #expect(index == [1, 1, 1])
    }
    guard value.isFinite, value == value.rounded() else { return }
    let integers = values.map { Int16($0) }
    try plainFile(code: 4, voxels: integers.withUnsafeBytes { Data($0) }).write(to: url)
    #expect(throws: ImagingError.invalidLabel(path: url.path, value: value, index: [1, 1, 1])) {
      try NIfTIFile.readLabels(at: url)
    }
  }

  @Test func scaledLabelsAreTheScaledValues() throws {
    var file = plainFile(code: 4, voxels: Data((0..<24).flatMap { [$0 * 2, 0] }))
    file.put(Float(0.5), at: 112)
    file.put(Float(1), at: 116)
    let url = try temporaryFolder().appendingPathComponent("labels.nii")
    try file.write(to: url)
    #expect(try NIfTIFile.readLabels(at: url).labels.scalars == (1...24).map { UInt8($0) })
  }

  @Test func aSlopeOfZeroScalesNothing() throws {
    var file = plainFile(code: 2, voxels: Data(0..<24))
    file.put(Float(0), at: 112)
    file.put(Float(5), at: 116)
    let url = try temporaryFolder().appendingPathComponent("image.nii")
    try file.write(to: url)
    #expect(try NIfTIFile.readVolume(at: url).voxels.scalars == (0..<24).map { Float($0) })
  }

  @Test func largeImagesPassThePiecesSeams() throws {
    // 65536-byte pieces: 3 whole ones and a rest, compressed and not, for each width of voxel.
    let shape = [31, 43, 41]
    let scalars = (0..<31 * 43 * 41).map { Float($0 % 8191) - 4000.5 }
    let volume = Volume(voxels: DenseArray(shape: shape, scalars: scalars), geometry: Geometry())
    let folder = try temporaryFolder()
    for name in ["a.nii", "a.nii.gz"] {
      let url = folder.appendingPathComponent(name)
      try NIfTIFile.write(volume, to: url)
      #expect(try NIfTIFile.readVolume(at: url).voxels == volume.voxels)
    }
    let labels = LabelVolume(
      labels: DenseArray(shape: shape, scalars: (0..<scalars.count).map { UInt8($0 % 251) }),
      geometry: Geometry())
    let url = folder.appendingPathComponent("labels.nii.gz")
    try NIfTIFile.write(labels, to: url)
    #expect(try NIfTIFile.readLabels(at: url).labels == labels.labels)
  }
}

extension Data {
  mutating func put<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
    Swift.withUnsafeBytes(of: value) {
      replaceSubrange(offset..<offset + $0.count, with: Data($0))
    }
  }
}

/// A version 1 file of 4×3×2 voxels.
func plainFile(code: Int, voxels: Data) -> Data {
  var file = Data(count: 352)
  file.put(Int32(348), at: 0)
  for (axis, extent) in [3, 4, 3, 2, 1, 1, 1, 1].enumerated() {
    file.put(Int16(extent), at: 40 + 2 * axis)
  }
  file.put(Int16(code), at: 70)
  file.put(Int16(voxels.count / 24 * 8), at: 72)
  for axis in 0..<4 { file.put(Float(1), at: 76 + 4 * axis) }
  file.put(Float(352), at: 108)
  file.replaceSubrange(344..<348, with: Data("n+1\0".utf8))
  return file + voxels
}
