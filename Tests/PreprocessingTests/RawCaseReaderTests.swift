import Arrays
import Foundation
import HostSystem
import Imaging
import Plans
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct RawCaseReaderTests {
  @Test func readsChannelsAndLabels() throws {
    let task = try TinyTask(cases: ["a"], channels: 2)
    let images = task.imageFiles("a")
    let raw = try RawCaseReader.read(imageFiles: images, labelFile: task.labelFile("a"))
    #expect(raw.data.shape == [2, 6, 9, 8] && raw.labels?.shape == [6, 9, 8])
    #expect(try raw.data.slice(1) == NIfTIFile.readVolume(at: images[1]).voxels)
    #expect(raw.data.slice(0) != raw.data.slice(1))
    expectClose(raw.properties.originalSpacing, [2, 0.9, 1.1], absolute: 1e-6)
    expectClose(raw.properties.itkSpacing, [1.1, 0.9, 2], absolute: 1e-6)
    #expect(raw.properties.imageFiles == images.map(\.path))
  }

  @Test func channelsOfDifferentSizesAreAnError() throws {
    let task = try TinyTask(cases: ["a"], channels: 2)
    let other = try TinyTask(cases: ["a"], shape: [6, 9, 7])
    let files = [task.imageFiles("a")[0], other.imageFiles("a")[0]]
    #expect(
      throws: PreprocessingError.channelShapesDiffer(
        file: files[0].path, shape: [6, 9, 8], other: files[1].path, otherShape: [6, 9, 7])
    ) {
      try RawCaseReader.read(imageFiles: files)
    }
    #expect(
      throws: PreprocessingError.labelShapeDiffers(
        image: files[0].path, shape: [6, 9, 8], label: other.labelFile("a").path,
        labelShape: [6, 9, 7])
    ) {
      try RawCaseReader.read(imageFiles: [files[0]], labelFile: other.labelFile("a"))
    }
  }

  @Test func voxelsThatAreNoNumbersAreAnError() throws {
    let task = try TinyTask(cases: ["a"])
    let file = task.imageFiles("a")[0]
    var volume = try NIfTIFile.readVolume(at: file)
    volume.voxels[2, 3, 4] = .nan
    volume.voxels[5, 8, 7] = -.infinity
    volume.voxels[0, 0, 0] = .greatestFiniteMagnitude
    try NIfTIFile.write(volume, to: file)
    #expect(
      throws: PreprocessingError.notFinite(file: file.path, count: 2, total: 432)
    ) {
      try RawCaseReader.read(imageFiles: [file])
    }
  }

  @Test func noFilesAndMissingFilesAreErrors() throws {
    #expect(throws: PreprocessingError.noChannels) { try RawCaseReader.read(imageFiles: []) }
    let missing = try temporaryFolder().appendingPathComponent("gone_0000.nii.gz")
    #expect {
      try RawCaseReader.read(imageFiles: [missing])
    } throws: {
      ($0 as? any ExplainedError)?.message.contains("gone_0000.nii.gz") ?? false
    }
  }
}
