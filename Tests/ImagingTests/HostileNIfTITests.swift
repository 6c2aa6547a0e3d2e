import Arrays
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct HostileNIfTITests {
  private func write(_ data: Data, _ name: String = "image.nii") throws -> URL {
    let url = try temporaryFolder().appendingPathComponent(name)
    try data.write(to: url)
    return url
  }

  private func gzip(_ data: Data) throws -> Data {
    let folder = try temporaryFolder()
    let url = folder.appendingPathComponent("plain")
    try data.write(to: url)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-n", url.path]
    try process.run()
    process.waitUntilExit()
    return try Data(contentsOf: url.appendingPathExtension("gz"))
  }

  private let sound = plainFile(code: 2, voxels: Data(0..<24))

  @Test func aSmallFileThatClaimsGigabytesIsTruncated() throws {
    var file = sound
    for axis in 1...3 { file.put(Int16(2600), at: 40 + 2 * axis) }
    let url = try write(file)
    #expect(
      throws: ImagingError.truncated(
        path: url.path, expectedBytes: 352 + 2600 * 2600 * 2600, availableBytes: file.count)
    ) { try NIfTIFile.readVolume(at: url) }
  }

  @Test func aSmallCompressedFileThatClaimsGigabytesIsTruncated() throws {
    var file = sound
    for axis in 1...3 { file.put(Int16(2600), at: 40 + 2 * axis) }
    let url = try write(try gzip(file), "image.nii.gz")
    #expect(
      throws: ImagingError.truncated(
        path: url.path, expectedBytes: 352 + 2600 * 2600 * 2600, availableBytes: -1)
    ) { try NIfTIFile.readVolume(at: url) }
  }

  @Test func everyTruncationIsAnError() throws {
    let compressed = try gzip(sound)
    for length in 0..<sound.count {
      let url = try write(sound.prefix(length))
      #expect(throws: ImagingError.self, "\(length) bytes") { try NIfTIFile.readVolume(at: url) }
    }
    for length in 0..<compressed.count {
      let url = try write(compressed.prefix(length), "image.nii.gz")
      #expect(throws: ImagingError.self, "\(length) bytes") { try NIfTIFile.readLabels(at: url) }
    }
  }

  @Test func aDamagedChecksumIsAnError() throws {
    var compressed = try gzip(sound)
    compressed[compressed.count - 6] ^= 1
    let url = try write(compressed, "image.nii.gz")
    #expect {
      try NIfTIFile.readVolume(at: url)
    } throws: {
      guard let error = $0 as? ImagingError, case .damagedCompression(_, let reason) = error else {
        return false
      }
      return reason.contains("incorrect data check")
    }
  }

  @Test func whatFollowsTheCompressedDataIsChecked() throws {
    let compressed = try gzip(sound)
    let padded = try write(compressed + Data(count: 512), "image.nii.gz")
    #expect(try NIfTIFile.readLabels(at: padded).labels.scalars == Array(0..<24))
    let halves = try write(
      try gzip(sound.prefix(360)) + gzip(sound.suffix(from: 360)), "image.nii.gz")
    #expect(try NIfTIFile.readLabels(at: halves).labels.scalars == Array(0..<24))
    let garbage = try write(compressed + Data("rest".utf8), "image.nii.gz")
    #expect(throws: ImagingError.self) { try NIfTIFile.readLabels(at: garbage) }
  }

  @Test(arguments: [
    (40, Int16(0)), (40, 8), (40, -3), (42, 0), (44, -4), (70, 128), (70, 32), (70, 3), (70, 1),
  ])
  func impossibleFieldsAreErrors(offset: Int, value: Int16) throws {
    var file = sound
    file.put(value, at: offset)
    let url = try write(file)
    #expect(throws: ImagingError.self) { try NIfTIFile.readVolume(at: url) }
  }

  @Test(arguments: [Float.nan, -1, .infinity, 1e30])
  func impossiblePositionsOfTheVoxelsAreErrors(position: Float) throws {
    var file = sound
    file.put(position, at: 108)
    let url = try write(file)
    #expect(throws: ImagingError.self) { try NIfTIFile.readVolume(at: url) }
  }

  @Test func otherKindsOfFileAreNamed() throws {
    var pair = sound
    pair.replaceSubrange(344..<348, with: Data("ni1\0".utf8))
    var analyze = sound
    analyze.replaceSubrange(344..<348, with: Data(count: 4))
    for content in [Data(), Data("hello".utf8), Data(count: 1000), pair, analyze] {
      let url = try write(content)
      #expect {
        try NIfTIFile.readHeader(at: url)
      } throws: {
        String(describing: $0).contains(url.path)
      }
    }
    #expect(throws: ImagingError.self) {
      try NIfTIFile.readHeader(at: URL(fileURLWithPath: "/no/such/image.nii.gz"))
    }
  }

  /// Thousands of damaged headers: each is read or refused, and nothing allocates memory according
  /// to it.
  @Test(arguments: [1, 2])
  func damagedHeadersNeverCrash(version: Int) throws {
    let source = fixtureURL("nifti/voxels/int16_v\(version)_le.nii.gz")
    let original = try inflated(source)
    let url = try temporaryFolder().appendingPathComponent("image.nii")
    var random = StreamRandom(seed: UInt64(version))
    var readable = 0
    let headerSize = version == 1 ? 348 : 540
    for _ in 0..<1500 {
      var damaged = original
      for _ in 0..<random.integer(in: 1...8) {
        let offset = random.integer(in: 0..<headerSize)
        damaged[offset] =
          random.bernoulli(0.3) ? 0xFF : UInt8(truncatingIfNeeded: random.next())
      }
      if random.bernoulli(0.1) { damaged = damaged.prefix(random.integer(in: 0...original.count)) }
      try damaged.write(to: url)
      if let volume = try? NIfTIFile.readVolume(at: url) {
        readable += 1
        #expect(volume.voxels.count <= 48)
        #expect(volume.geometry.direction.allSatisfy { $0.isFinite })
        #expect(volume.geometry.spacing.allSatisfy { $0 > 0 })
      }
      _ = try? NIfTIFile.readLabels(at: url)
    }
    // The test would say nothing if every damage were refused, or none.
    #expect((100..<1400).contains(readable))
  }

  @Test func damagedCompressedFilesNeverCrash() throws {
    let original = try Data(contentsOf: fixtureURL("nifti/voxels/float32_v1_le.nii.gz"))
    let url = try temporaryFolder().appendingPathComponent("image.nii.gz")
    var random = StreamRandom(seed: 9)
    for _ in 0..<1000 {
      var damaged = original
      for _ in 0..<random.integer(in: 1...3) {
        damaged[random.integer(in: 0..<damaged.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      try damaged.write(to: url)
      if let volume = try? NIfTIFile.readVolume(at: url) { #expect(volume.voxels.count == 24) }
    }
  }
}
