import Arrays
import Foundation
import HostSystem
import Imaging
import Plans
import TestSupport
import Testing

@testable import Preprocessing

/// Cases whose files have several channels.
@Suite struct RawCaseFormatTests {
  @Test func filesWithSeveralChannelsAreJoinedInOrder() throws {
    let folder = try temporaryFolder()
    let color = DenseArray<Float>(shape: [3, 1, 4, 5], scalars: (0..<60).map { Float($0) })
    let gray = DenseArray<Float>(shape: [1, 1, 4, 5], scalars: (60..<80).map { Float($0) })
    let files = ["a_0000.png", "a_0001.png"].map { folder.appending(path: $0) }
    for (file, voxels) in zip(files, [color, gray]) {
      try VolumeFile.write(
        ChannelVolume(voxels: voxels, geometry: Geometry()), to: file, as: .uint8)
    }
    let labels = folder.appending(path: "a.png")
    try VolumeFile.write(
      LabelVolume(
        labels: DenseArray(shape: [1, 4, 5], scalars: (0..<20).map { UInt8($0 % 3) }),
        geometry: Geometry()), to: labels)
    let raw = try RawCaseReader.read(imageFiles: files, labelFile: labels)
    #expect(raw.data.shape == [4, 1, 4, 5])
    #expect(raw.data.scalars == (0..<80).map { Float($0) })
    #expect(raw.labels?.scalars == (0..<20).map { Int16($0 % 3) })
    #expect(raw.properties.originalSpacing == [999, 1, 1])
  }

  @Test func theSpacingOfTIFFVolumesStandsBesideThem() throws {
    let folder = try temporaryFolder()
    let image = folder.appending(path: "a_0000.tif")
    try VolumeFile.write(
      ChannelVolume(
        voxels: DenseArray(shape: [1, 3, 4, 5], filledWith: 2), geometry: Geometry()),
      to: image, as: .float32)
    try Data(#"{"spacing": [3.5, 0.5, 0.75], "note": "kept"}"#.utf8)
      .write(to: folder.appending(path: "a.json"))
    #expect(
      try RawCaseReader.read(imageFiles: [image]).properties.originalSpacing == [3.5, 0.5, 0.75])
    try Data(#"{"spacing": [3.5, 0.5, -1]}"#.utf8).write(to: folder.appending(path: "a.json"))
    #expect(throws: ImagingError.self) { try RawCaseReader.read(imageFiles: [image]) }
  }
}
