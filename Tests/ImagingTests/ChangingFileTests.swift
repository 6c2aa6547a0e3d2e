import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Imaging

/// Files that another program makes shorter while they are read.
@Suite struct ChangingFileTests {
  @Test(arguments: ["image.nii", "image.nii.gz"])
  func aFileThatBecomesShorterIsNamed(name: String) throws {
    let file = try temporaryFolder().appending(path: name)
    var random = StreamRandom(seed: 1)
    // Noise, so that the compressed file has many pages, too.
    let voxels = (0..<64 * 64 * 64).map { _ in
      Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) >> 2)
    }
    let volume = Volume(
      voxels: DenseArray(shape: [64, 64, 64], scalars: voxels), geometry: Geometry())
    try NIfTIFile.write(volume, to: file)
    var reader = try VoxelReader(at: file)
    #expect(truncate(file.path, 40_000) == 0)
    #expect {
      try reader.forEachPiece(ofNext: voxels.count) { _, _ in }
    } throws: {
      guard case ImagingError.file(.cannotRead(file.path, let reason))? = $0 as? ImagingError
      else { return false }
      return reason.contains("shorter")
    }
  }
}
