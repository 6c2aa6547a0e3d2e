import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

@Suite struct CascadeTransformTests {
  private struct Cases: Decodable {
    struct Operation: Decodable {
      let value: RandomMorphology.Operation

      init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        let mask = try fields.decode(Int.self)
        let kind = try #require(RandomMorphology.Kind(rawValue: try fields.decode(String.self)))
        value = .init(mask: mask, kind: kind, radius: try fields.decode(Double.self))
      }
    }
    struct Removal: Decodable {
      let selections: [Double]
      let coverage: Double
    }
    let morphology: [[Operation]]
    let removal: Removal
  }

  private func cases() throws -> Cases {
    try JSONDecoder().decode(
      Cases.self, from: Data(contentsOf: fixtureURL("augmentation/manifest.json")))
  }

  /// One image channel and the masks of two labels.
  private func masks() throws -> AugmentationSample {
    let previous = try fixtureLabels("previous_labels")
    let current = previous.map { _ in Int16(3) }
    var sample = AugmentationSample(
      data: DenseArray(shape: [1] + previous.shape, filledWith: 0.5),
      labels: .stack([current, previous]))
    PreviousSegmentation(labels: [1, 2]).apply(to: &sample)
    return sample
  }

  private func expected(_ name: String) throws -> [Float] {
    try NPYFile.read(fixtureURL("augmentation/\(name).npy"), as: UInt8.self).scalars
      .map { Float($0) }
  }

  @Test func previousLabelsBecomeMasks() throws {
    let sample = try masks()
    let previous = try fixtureLabels("previous_labels")
    #expect(sample.data.shape == [3] + previous.shape)
    #expect(sample.labels == DenseArray(shape: [1] + previous.shape, filledWith: 3))
    #expect(sample.channel(0).scalars.allSatisfy { $0 == 0.5 })
    #expect(sample.channel(1) == previous.map { $0 == 1 ? 1 : 0 })
    #expect(sample.channel(2) == previous.map { $0 == 2 ? 1 : 0 })
  }

  @Test func morphologyEqualsTheReference() throws {
    for (index, operations) in try cases().morphology.enumerated() {
      var sample = try masks()
      let count = sample.voxels
      RandomMorphology(masks: 2).apply(
        .init(operations: operations.map(\.value)), to: &sample)
      #expect(Array(sample.data.scalars[count...]) == (try expected("morphology_\(index)")))
      #expect(sample.data.scalars[..<count].allSatisfy { $0 == 0.5 })
    }
  }

  @Test func removalEqualsTheReference() throws {
    let removal = try cases().removal
    var sample = try masks()
    let count = sample.voxels
    ComponentRemoval(masks: 2, largestCoverage: removal.coverage)
      .apply(.init(selections: removal.selections), to: &sample)
    #expect(Array(sample.data.scalars[count...]) == (try expected("removal")))
  }

  @Test func componentsThatCoverTooMuchStay() throws {
    var sample = try masks()
    let before = sample
    ComponentRemoval(masks: 2, largestCoverage: 0)
      .apply(.init(selections: [0.5, 0.5]), to: &sample)
    #expect(sample == before)
  }

  @Test func drawsOperationsInRandomOrder() {
    var generator = StreamRandom(seed: 12)
    let count = 20_000
    let drawn = (0..<count).compactMap { _ in
      RandomMorphology(masks: 3).sample(channels: 1, using: &generator)?.operations
    }
    expectFrequency(drawn.count, of: count, probability: 0.4)
    #expect(drawn.allSatisfy { Set($0.map(\.mask)) == [0, 1, 2] })
    for kind in RandomMorphology.Kind.allCases {
      expectFrequency(drawn.count { $0[1].kind == kind }, of: drawn.count, probability: 0.25)
    }
    for mask in 0..<3 {
      expectFrequency(drawn.count { $0[0].mask == mask }, of: drawn.count, probability: 1 / 3)
      expectFrequency(drawn.count { $0[2].mask == mask }, of: drawn.count, probability: 1 / 3)
    }
    expectUniform(drawn.map { $0[0].radius }, in: 1...8)
    let removed = (0..<count).compactMap { _ in
      ComponentRemoval(masks: 2).sample(channels: 1, using: &generator)?.selections
    }
    expectFrequency(removed.count, of: count, probability: 0.2)
    expectUniform(removed.map { $0[1] }, in: 0...1)
  }

  @Test func recipeOfACascadeEndsWithTheMasks() {
    let recipe = AugmentationRecipe.nnUNetV2(
      patchSize: [8, 8, 8], usesDummy2D: false, channelsUsingMask: [false],
      previousLabels: [1, 2, 3])
    #expect(
      recipe.steps.suffix(3) == [
        .init(PreviousSegmentation(labels: [1, 2, 3])),
        .init(RandomMorphology(masks: 3)),
        .init(ComponentRemoval(masks: 3)),
      ])
    let validation = AugmentationRecipe.validation(patchSize: [8, 8, 8], previousLabels: [1])
    #expect(validation.steps.last == .init(PreviousSegmentation(labels: [1])))
  }
}
