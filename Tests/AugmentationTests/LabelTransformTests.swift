import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

@Suite struct LabelTransformTests {
  @Test func maskEqualsTheReference() throws {
    let result = try applying(MaskOutside(channelsUsingMask: [true, false]), Always())
    #expect(result.data == (try fixtureData("masked_data")))
    #expect(result.labels == (try fixtureLabels("labels")))
  }

  @Test func outsideBecomesBackground() throws {
    let result = try applying(LabelReplacement(), Always())
    #expect(result.labels == (try fixtureLabels("removed_labels")))
  }

  @Test func regionsEqualTheReference() throws {
    let result = try applying(LabelRegions(regions: [[1, 2, 3], [2, 3]]), Always())
    #expect(result.labels == (try fixtureLabels("regions_labels")))
  }

  @Test func supervisionTargetsEqualTheReference() throws {
    let supervision = DeepSupervision(scales: [[1, 1, 1], [1, 0.5, 0.5], [0.5, 0.25, 0.25]])
    let targets = supervision.targets(try fixtureLabels("labels"))
    for (index, target) in targets.enumerated() {
      #expect(target == (try fixtureLabels("supervision_\(index)_labels")))
    }
  }

  @Test(.enabled(if: sharedURL(numericsFolder) != nil, Comment(rawValue: sharedDataIsAbsent)))
  func supervisionTargetsEqualTheReferenceNumbers() throws {
    let folder = try #require(sharedURL(numericsFolder))
    for (name, rank) in [("seg", 3), ("seg2d", 2)] {
      func read(_ suffix: String) throws -> DenseArray<Int16> {
        try NPYFile.read(
          folder.appendingPathComponent("i_ds_\(name)\(suffix).npy"), as: Int8.self
        ).map { Int16($0) }
      }
      let pools = Array(repeating: Array(repeating: 2, count: rank), count: 3)
      let supervision = DeepSupervision(poolingFactors: pools)
      let labels = try read("")
      let expected = try (0..<3).map { try read("_out\($0)") }
      for element in 0..<2 {
        #expect(supervision.targets(labels.slice(element)) == expected.map { $0.slice(element) })
      }
    }
  }

  @Test func scalesFollowThePooling() {
    let supervision = DeepSupervision(poolingFactors: [
      [1, 2, 2], [2, 2, 2], [2, 2, 2], [1, 2, 1],
    ])
    #expect(
      supervision.scales == [[1, 1, 1], [1, 0.5, 0.5], [0.5, 0.25, 0.25], [0.25, 0.125, 0.125]])
  }

  @Test func mirroringFlipsDataAndLabels() throws {
    let before = try fixtureSample()
    let shape = before.spatialShape
    for axes in [[0], [1], [2], [0, 2]] {
      var sample = before
      Mirroring(axes: [0, 1, 2]).apply(.init(axes: axes), to: &sample)
      for (z, y, x) in [(0, 3, 5), (14, 17, 16), (7, 0, 2), (3, 9, 8)] {
        var source = [z, y, x]
        for axis in axes { source[axis] = shape[axis] - 1 - source[axis] }
        #expect(sample.data[1, z, y, x] == before.data[1, source[0], source[1], source[2]])
        #expect(sample.labels[0, z, y, x] == before.labels[0, source[0], source[1], source[2]])
      }
      Mirroring(axes: [0, 1, 2]).apply(.init(axes: axes), to: &sample)
      #expect(sample == before)
    }
  }
}
