import Arrays
import Foundation
import HostSystem
import Imaging
import TestSupport
import Testing

@testable import Inference

/// Cases whose images have another format than NIfTI.
@Suite struct CaseFormatTests {
  private let png = FileEnding(".png") ?? .standard

  private func folder(_ files: [(name: String, channels: Int)]) throws -> URL {
    let folder = try temporaryFolder()
    for (name, channels) in files {
      try VolumeFile.write(
        ChannelVolume(
          voxels: DenseArray(shape: [channels, 1, 4, 5], filledWith: 7), geometry: Geometry()),
        to: folder.appending(path: name), as: .uint8)
    }
    return folder
  }

  @Test func theChannelsOfOneFileAreThoseOfTheCase() throws {
    let folder = try folder([
      ("a_0000.png", 3), ("b_0000.png", 1), ("c_0000.png", 1), ("c_0001.png", 2),
    ])
    let cases = try CaseEnumeration(folder: folder, channelCount: 3, ending: png)
    #expect(cases.cases.map(\.identifier) == ["a", "c"])
    #expect(cases.cases.map(\.imageFiles.count) == [1, 2])
    #expect(cases.problems.map(\.identifier) == ["b"])
    #expect(
      cases.problems[0].reason
        == "b_0001.png, b_0002.png is missing: the model expects 3 channels")
    #expect(cases.channelCounts == ["a": 3, "b": 1, "c": 3])
  }

  @Test func filesOfAnotherFormatAreNamed() throws {
    let folder = try folder([("a_0000.png", 3)])
    #expect(
      throws: InferenceError.otherEnding(folder: folder.path, found: ".png", expected: ".nii.gz")
    ) { try CaseEnumeration(folder: folder, channelCount: 3) }
    #expect(
      throws: InferenceError.otherEnding(folder: folder.path, found: ".png", expected: ".tif")
    ) {
      try CaseEnumeration(
        folder: folder, channelCount: 3, ending: FileEnding(".tif") ?? .standard)
    }
    let empty = try temporaryFolder()
    #expect(throws: InferenceError.noFiles(folder: empty.path, ending: ".png")) {
      try CaseEnumeration(folder: empty, channelCount: 3, ending: png)
    }
  }
}
