import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Imaging

/// What every format promises: files of others read as SimpleITK, scikit-image and tifffile read them, and
/// files of our own as they were written.
@Suite struct FormatContractTests {
  private struct Expected: Decodable {
    var file: String
    var shape: [Int]
    var spacing: [Double]
    var origin: [Double]
    var direction: [Double]
    var by: String
    var offset: Int
  }

  @Test func filesOfOthersReadAsTheOriginalsReadThem() throws {
    let list = try JSONDecoder().decode(
      [Expected].self, from: Data(contentsOf: fixtureURL("formats/expected.json")))
    let values = try NPYFile.read(fixtureURL("formats/expected.npy"), as: Float.self).scalars
    #expect(list.count == 117)
    for expected in list {
      let url = fixtureURL("formats/\(expected.file)")
      let (image, header): (ChannelVolume, VolumeHeader)
      do {
        (image, header) = (try VolumeFile.readChannels(at: url), try VolumeFile.readHeader(at: url))
      } catch {
        Issue.record("\(expected.file): \(error)")
        continue
      }
      let count = expected.shape.reduce(1, *)
      #expect(image.voxels.shape == expected.shape, "\(expected.file)")
      #expect(
        image.voxels.scalars == Array(values[expected.offset..<expected.offset + count]),
        "\(expected.file)")
      let rank = expected.spacing.count
      let geometry = image.geometry
      expectClose(Array(geometry.spacing.prefix(rank)), expected.spacing, absolute: 1e-12)
      expectClose(Array(geometry.origin.prefix(rank)), expected.origin, absolute: 1e-12)
      let direction = (0..<rank * rank).map { geometry.direction[$0 / rank * 3 + $0 % rank] }
      expectClose(direction, expected.direction, absolute: 1e-12)
      if rank == 2 { #expect(geometry.isFlat, "\(expected.file)") }
      #expect(header.extents.count == rank, "\(expected.file)")
      #expect([header.channels] + header.volumeShape == expected.shape, "\(expected.file)")
      #expect(header.geometry == geometry, "\(expected.file)")
    }
  }

  /// The endings of files with oriented volumes, volumes, and pictures.
  private static let endings = FileEnding.known
  private static let turned = Geometry(
    spacing: [0.75, 1.5, 3.25], origin: [-12.5, 20.25, 7.125],
    direction: [0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, -1])

  private static func geometry(heldBy ending: String) -> Geometry {
    switch VolumeFormat(FileEnding(ending) ?? .standard) {
    case .nifti, .nrrd, .metaImage: turned
    case .gipl: Geometry(spacing: turned.spacing, origin: turned.origin)
    case .tiff: Geometry(spacing: turned.spacing)
    case .png, .bmp: Geometry(flat: [1, 1])
    }
  }

  private func shape(_ ending: String) -> [Int] {
    [".png", ".bmp"].contains(ending) ? [1, 4, 5] : [3, 4, 5]
  }

  @Test(arguments: endings)
  func segmentationsComeBack(ending: String) throws {
    let shape = shape(ending)
    let labels = DenseArray<UInt8>(
      shape: shape, scalars: (0..<shape.reduce(1, *)).map { UInt8($0 % 7) })
    let geometry = Self.geometry(heldBy: ending)
    let folder = try temporaryFolder()
    // Endings in capital letters are recognized, too.
    for name in ["case\(ending)", "other\(ending.uppercased())"] {
      let url = folder.appending(path: name)
      try VolumeFile.write(LabelVolume(labels: labels, geometry: geometry), to: url)
      let again = try VolumeFile.readLabels(at: url)
      #expect(again.labels == labels)
      expectClose(again.geometry.spacing, geometry.spacing, absolute: 1e-6)
      expectClose(again.geometry.origin, geometry.origin, absolute: 1e-6)
      expectClose(again.geometry.direction, geometry.direction, absolute: 1e-6)
    }
  }

  @Test(arguments: endings, VoxelScalar.allCases)
  func imagesOfEveryTypeComeBack(ending: String, scalar: VoxelScalar) throws {
    let shape = shape(ending)
    let voxels = DenseArray<Float>(
      shape: [1] + shape, scalars: (0..<shape.reduce(1, *)).map { Float($0 * 2) })
    let volume = ChannelVolume(voxels: voxels, geometry: Self.geometry(heldBy: ending))
    let url = try temporaryFolder().appending(path: "case" + ending)
    let isHeld =
      switch VolumeFormat(FileEnding(ending) ?? .standard) {
      case .bmp: scalar == .uint8
      case .png: [.uint8, .uint16].contains(scalar)
      case .gipl: ![.int64, .uint64].contains(scalar)
      case .nifti, .nrrd, .metaImage, .tiff: true
      }
    guard isHeld else {
      #expect {
        try VolumeFile.write(volume, to: url, as: scalar)
      } throws: {
        guard case .cannotHold = $0 as? ImagingError else { return false }
        return true
      }
      return
    }
    try VolumeFile.write(volume, to: url, as: scalar)
    #expect(try VolumeFile.readHeader(at: url).scalar == scalar)
    #expect(try VolumeFile.readChannels(at: url).voxels == voxels)
  }

  @Test(arguments: endings, [2, 3, 4])
  func channelsOfAFlatImageComeBack(ending: String, channels: Int) throws {
    let format = VolumeFormat(FileEnding(ending) ?? .standard)
    let voxels = DenseArray<Float>(
      shape: [channels, 1, 4, 5], scalars: (0..<channels * 20).map { Float($0) })
    let volume = ChannelVolume(
      voxels: voxels, geometry: Geometry(flat: [1, 1]))
    let url = try temporaryFolder().appending(path: "case" + ending)
    let isHeld =
      switch format {
      case .nifti, .gipl: false
      case .bmp: channels == 3
      case .nrrd, .metaImage, .png, .tiff: true
      }
    guard isHeld else {
      #expect(throws: ImagingError.self) {
        try VolumeFile.write(volume, to: url, as: .uint8)
      }
      return
    }
    try VolumeFile.write(volume, to: url, as: .uint8)
    let again = try VolumeFile.readChannels(at: url)
    #expect(again.voxels == voxels)
    #expect(again.geometry == volume.geometry)
    #expect(try VolumeFile.readHeader(at: url).extents.count == 2)
    #expect(throws: ImagingError.severalChannels(path: url.path, count: channels)) {
      try VolumeFile.readLabels(at: url)
    }
  }

  @Test(arguments: endings.filter { ![".bmp", ".nii", ".nii.gz", ".png"].contains($0) })
  func valuesThatAreNoLabelsAreNamed(ending: String) throws {
    let url = try temporaryFolder().appending(path: "case" + ending)
    let voxels = DenseArray<Float>(shape: [1, 2, 3, 4], scalars: (0..<24).map { Float($0 * 20) })
    try VolumeFile.write(
      ChannelVolume(voxels: voxels, geometry: Geometry()), to: url, as: .int16)
    #expect(throws: ImagingError.invalidLabel(path: url.path, value: 260, index: [1, 0, 1])) {
      try VolumeFile.readLabels(at: url)
    }
  }

  @Test func aNameWithoutAKnownEndingIsRefused() {
    let url = URL(fileURLWithPath: "/nowhere/image.jpg")
    #expect(throws: ImagingError.unknownEnding(path: url.path)) {
      try VolumeFile.readHeader(at: url)
    }
  }
}
