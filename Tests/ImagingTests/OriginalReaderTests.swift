import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Imaging

/// SimpleITK, scikit-image and tifffile read what is written here.
///
/// They are looked for in `.build/formats-venv` (`Tests/Fixtures/formats/make.py` says what to install) and in
/// the Python on the path.
@Suite struct OriginalReaderTests {
  private static let python: String? = {
    let own = fixtureURL("formats").deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: ".build/formats-venv/bin/python").path
    return [own, "python3"].first { python in
      let output = FileManager.default.temporaryDirectory.appending(
        path: "formats-\(UUID().uuidString)")
      defer { unlink(output.path) }
      guard
        let child = try? ChildProcess(
          "/usr/bin/env", [python, "-c", "import SimpleITK, skimage, tifffile"], output: output)
      else { return false }
      waitUntil { child.poll() != nil }
      return child.poll() == .status(0)
    }
  }()

  @Test(
    .enabled(
      if: python != nil, "Python with SimpleITK, scikit-image and tifffile is not installed"))
  func theOriginalsReadWhatIsWritten() throws {
    let folder = try temporaryFolder()
    let labels = DenseArray<UInt8>(shape: [3, 4, 5], scalars: (0..<60).map { UInt8($0) })
    let geometry = Geometry(
      spacing: [0.75, 1.5, 3.25], origin: [-12.5, 20.25, 7.125],
      direction: [0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, -1])
    for ending in FileEnding.known where ![".png", ".bmp"].contains(ending) {
      try VolumeFile.write(
        LabelVolume(labels: labels, geometry: geometry),
        to: folder.appending(path: "volume" + ending))
      // What the volumes of TIFF have for spacing is a file of that name.
      if ending.begins(with: ".t") {
        try VolumeFile.write(
          LabelVolume(labels: labels, geometry: geometry),
          to: folder.appending(path: "spaced" + ending))
      }
    }
    let plane = DenseArray<UInt8>(shape: [1, 4, 5], scalars: (0..<20).map { UInt8($0) })
    let flat = Geometry(
      flat: [0.75, 1.5], origin: [-12.5, 20.25], direction: [0.8, -0.6, 0.6, 0.8])
    for ending in FileEnding.known where ![".nii", ".nii.gz"].contains(ending) {
      try VolumeFile.write(
        LabelVolume(labels: plane, geometry: flat), to: folder.appending(path: "flat" + ending))
    }
    for ending in [".nrrd", ".mha", ".png", ".bmp", ".tif"] {
      try VolumeFile.write(
        ChannelVolume(
          voxels: DenseArray(shape: [3, 1, 4, 5], scalars: (0..<60).map { Float($0) }),
          geometry: flat),
        to: folder.appending(path: "color" + ending), as: .uint8)
    }
    for ending in [".nrrd", ".mha", ".gipl", ".png", ".tif"] {
      try VolumeFile.write(
        ChannelVolume(
          voxels: DenseArray(shape: [1, 1, 4, 5], scalars: (0..<20).map { Float($0 * 300) }),
          geometry: flat),
        to: folder.appending(path: "deep" + ending), as: .uint16)
    }
    let output = folder.appending(path: ".output")
    let child = try ChildProcess(
      "/usr/bin/env", [Self.python ?? "", fixtureURL("formats/check.py").path, folder.path],
      output: output)
    waitUntil { child.poll() != nil }
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect(child.poll() == .status(0), "\(text)")
  }
}
