import Arrays
import Foundation
import JSON
import Plans
import Preprocessing
import TestSupport
import Testing

@testable import Planning

@Suite struct FingerprintExtractorTests {
  private let shapes = ["case_a": [9, 17, 15], "case_b": [7, 16, 21], "case_c": [3, 5, 4]]

  /// The statistics equal those of nnU-Net v1 to the last bit.
  @Test(arguments: [1, 3]) func intensitiesEqualReference(threads: Int) throws {
    let store = try makeStore()
    let fingerprint = try FingerprintExtractor(threads: threads).fingerprint(
      of: store, description: description(channels: [0: "CT", 1: "PET"]))
    let expected = try JSONFile.read(
      [Int: IntensityStatistics].self, from: fixtureURL("fingerprint/statistics.json"))
    let found = try #require(fingerprint.intensities)
    #expect(found.keys.sorted() == [0, 1])
    for channel in 0..<2 {
      expectEqual(try #require(found[channel]), try #require(expected[channel]))
      for identifier in shapes.keys {
        expectEqual(
          try #require(found[channel]?.perCase?[identifier]),
          try #require(expected[channel]?.perCase?[identifier]))
      }
    }
  }

  @Test func collectsSizesAndSpacings() throws {
    let fingerprint = try FingerprintExtractor().fingerprint(
      of: try makeStore(), description: description(channels: [0: "MRI", 1: "CTA"]))
    #expect(fingerprint.intensities == nil, "only CT has comparable intensities")
    #expect(fingerprint.sizes == [[9, 17, 15], [7, 16, 21], [3, 5, 4]])
    #expect(fingerprint.spacings == Array(repeating: [3, 1, 0.5], count: 3))
    #expect(fingerprint.sizeReductions == ["case_a": 0.5, "case_b": 0.5, "case_c": 0.5])
    #expect(fingerprint.foregroundLabels == [1, 2])
    #expect(fingerprint.channelNames == [0: "MRI", 1: "CTA"])
  }

  @Test func refusesDatasetsWithoutCasesOrForeground() throws {
    let store = try makeStore()
    for identifier in ["case_a", "case_b"] { try store.remove(identifier) }
    #expect(throws: PlanningError.noForegroundVoxels) {
      try FingerprintExtractor().fingerprint(
        of: store, description: description(channels: [0: "CT", 1: "CT"]))
    }
    try store.remove("case_c")
    #expect(throws: PlanningError.noCases) {
      try FingerprintExtractor().fingerprint(
        of: store, description: description(channels: [0: "MRI", 1: "MRI"]))
    }
  }

  @Test func takesEveryTenthForegroundVoxel() {
    let labels = (0..<100).map { Float($0 % 2) - 0 }
    let voxels = (0..<100).map(Float.init)
    let sample = (voxels + labels).withUnsafeBufferPointer {
      FingerprintExtractor().foregroundSample($0, channel: 0, channelCount: 1)
    }
    #expect(sample == [1, 21, 41, 61, 81])
  }

  // MARK: - Help

  private func description(channels: [Int: String]) -> DatasetDescription {
    DatasetDescription(
      name: "Test", channelNames: channels, labels: [0: "background", 1: "a", 2: "b"],
      training: shapes.keys.sorted().map { .init(identifier: $0) })
  }

  private func makeStore() throws -> CroppedStore {
    let store = CroppedStore(folder: try temporaryFolder())
    for (identifier, shape) in shapes {
      let array = try NPYFile.read(
        fixtureURL("fingerprint/\(identifier).npy"), as: Float.self)
      let properties = CaseProperties(
        originalSize: [shape[0], shape[1], 2 * shape[2]], originalSpacing: [3, 1, 0.5],
        imageFiles: ["ct", "pet"], labelFile: nil, itkOrigin: [0, 0, 0], itkSpacing: [0.5, 1, 3],
        itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: shape.map { [0, $0] }, labels: [],
        sizeAfterCropping: shape)
      try store.write(
        CroppedCase(
          data: .stack([array.slice(0), array.slice(1)]),
          labels: array.slice(2).map { Int16($0) }, properties: properties), identifier)
    }
    return store
  }

  private func expectEqual(
    _ found: IntensityStatistics, _ expected: IntensityStatistics,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let values: [(String, (IntensityStatistics) -> Double)] = [
      ("median", { $0.median }), ("mean", { $0.mean }), ("sd", { $0.standardDeviation }),
      ("min", { $0.minimum }), ("max", { $0.maximum }), ("99.5", { $0.percentile99p5 }),
      ("0.5", { $0.percentile0p5 }),
    ]
    for (name, value) in values {
      let (found, expected) = (value(found), value(expected))
      #expect(
        found == expected || (found.isNaN && expected.isNaN), "\(name)",
        sourceLocation: sourceLocation)
    }
  }
}
