import Arrays
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIWritingTests {
  @Test(arguments: ["written", "turned", "mirrored"])
  func headersEqualSimpleITKs(name: String) throws {
    let reference = fixtureURL("nifti/\(name)_by_simpleitk.nii.gz")
    let labels = try NIfTIFile.readLabels(at: reference)
    #expect(labels.labels.scalars == (0..<24).map { UInt8($0 % 3) })
    let folder = try temporaryFolder()
    let url = folder.appendingPathComponent("copy.nii")
    try NIfTIFile.write(labels, to: url)
    let ours = try Data(contentsOf: url)
    let theirs = try inflated(reference)
    #expect(ours.count == theirs.count)
    // Everything up to the quaternion, then what follows the transforms, byte for byte.
    #expect(ours.prefix(256) == theirs.prefix(256))
    #expect(ours.suffix(from: 328) == theirs.suffix(from: 328))
    // Quaternion, offset and sform: the reference rounds intermediate results to single precision.
    for offset in stride(from: 256, to: 328, by: 4) {
      expectClose([ours.float(at: offset)], [theirs.float(at: offset)], absolute: 1e-6)
    }
  }

  @Test func geometrySurvivesAnyRotation() throws {
    let url = try temporaryFolder().appendingPathComponent("image.nii")
    var random = StreamRandom(seed: 4)
    for round in 0..<60 {
      var direction = randomRotation(&random)
      // Every third one is left-handed; a quarter are turns by 180°.
      if round % 3 == 0 { for row in 0..<3 { direction[row * 3] *= -1 } }
      if round % 4 == 0 { direction = [-1, 0, 0, 0, 0, 1, 0, 1, 0] }
      let geometry = Geometry(
        spacing: (0..<3).map { _ in random.uniform(in: 0.1...10) },
        origin: (0..<3).map { _ in random.uniform(in: -500...500) }, direction: direction)
      let voxels = DenseArray<Float>(shape: [2, 1, 3], filledWith: 1)
      try NIfTIFile.write(Volume(voxels: voxels, geometry: geometry), to: url)
      let read = try NIfTIFile.readHeader(at: url).geometry
      expectClose(read.spacing, geometry.spacing, absolute: 0, relative: 1e-7)
      expectClose(read.origin, geometry.origin, absolute: 0, relative: 1e-7)
      expectClose(read.direction, geometry.direction, absolute: 3e-7)
      // The qform says the same, but single precision leaves an error of up to the square root of
      // 2⁻²³ in the missing part of the quaternion when it is near zero.
      var bytes = try Data(contentsOf: url)
      bytes.put(Int16(0), at: 254)
      try bytes.write(to: url)
      let qform = try NIfTIFile.readHeader(at: url).geometry
      expectClose(qform.direction, geometry.direction, absolute: 7e-4)
      expectClose(qform.origin, geometry.origin, absolute: 0, relative: 1e-7)
    }
  }

  @Test func equalImagesMakeEqualFiles() throws {
    let folder = try temporaryFolder()
    let labels = LabelVolume(
      labels: DenseArray(shape: [3, 4, 5], filledWith: 2), geometry: Geometry())
    for name in ["a.nii.gz", "b.nii.gz"] {
      try NIfTIFile.write(labels, to: folder.appendingPathComponent(name))
    }
    #expect(
      try Data(contentsOf: folder.appendingPathComponent("a.nii.gz"))
        == Data(contentsOf: folder.appendingPathComponent("b.nii.gz")))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test func aFolderThatDoesNotExistIsNamed() throws {
    let url = try temporaryFolder().appendingPathComponent("absent/image.nii.gz")
    let labels = LabelVolume(
      labels: DenseArray(shape: [1, 1, 1], filledWith: 2), geometry: Geometry())
    #expect {
      try NIfTIFile.write(labels, to: url)
    } throws: {
      $0 is ImagingError && String(describing: $0).contains(url.path)
    }
  }

  @Test func axesThatDoNotFitTheFormatAreErrors() throws {
    let url = try temporaryFolder().appendingPathComponent("image.nii.gz")
    let labels = LabelVolume(
      labels: DenseArray(shape: [1, 1, 32768], filledWith: 2), geometry: Geometry())
    #expect(throws: ImagingError.self) { try NIfTIFile.write(labels, to: url) }
    #expect(!FileManager.default.fileExists(atPath: url.path))
  }

  private func randomRotation(_ random: inout StreamRandom) -> [Double] {
    let parts = (0..<4).map { _ in random.gaussian() }
    let length = parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let (a, b, c, d) = (
      parts[0] / length, parts[1] / length, parts[2] / length, parts[3] / length
    )
    return [
      a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c),
      2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b),
      2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c,
    ]
  }
}

/// The inflated content of a gzip file, by the system's own program.
func inflated(_ url: URL) throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["gzip", "-dc", url.path]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0)
  return data
}

extension Data {
  func float(at offset: Int) -> Float {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Float.self) }
  }
}
