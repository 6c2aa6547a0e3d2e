import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

/// What only DA5 has; numbers from `Fixtures/augmentation/generate_da5.py`.
@Suite struct DA5TransformTests {
  private struct Numbers: Decodable {
    struct Bell: Decodable {
      let center: [Double]
      let width: [Double]
    }
    let median: [[Int]]
    let rectangles: [[[[Int]]]]
    let bells: [Bell]
  }

  private let numbers: Numbers

  init() throws {
    numbers = try JSONDecoder().decode(
      Numbers.self, from: Data(contentsOf: fixtureURL("augmentation/da5.json")))
  }

  @Test func mediansEqualBatchgenerators() throws {
    for (index, sizes) in numbers.median.enumerated() {
      let result = try applying(MedianFilter(), .init(sizes: sizes))
      #expect(result.data == (try fixtureData("da5_median_\(index)")), "sizes \(sizes)")
    }
    var slice = try fixtureSlice(7)
    MedianFilter().apply(.init(sizes: [4, 5]), to: &slice)
    #expect(slice.data == (try fixtureData("da5_median2d")))
  }

  @Test func sharpeningEqualsBatchgenerators() throws {
    let result = try applying(Sharpening(), .init(strengths: [0.85, 0.3]))
    expectClose(result.data.scalars, try fixtureData("da5_sharpened").scalars, absolute: 3e-6)
    var slice = try fixtureSlice(7)
    Sharpening().apply(.init(strengths: [0.6, 0.2]), to: &slice)
    expectClose(slice.data.scalars, try fixtureData("da5_sharpened2d").scalars, absolute: 3e-6)
  }

  @Test func contrastWithoutLimitsEqualsBatchgenerators() throws {
    let result = try applying(Contrast(preservesRange: false), .init(factors: [1.8, 1.8]))
    expectClose(result.data.scalars, try fixtureData("da5_contrast").scalars, absolute: 2e-6)
  }

  @Test func rectanglesEqualBatchgenerators() throws {
    let boxes = numbers.rectangles.map { channel in
      channel.map { BlankRectangles.Box(origin: $0[0], size: $0[1]) }
    }
    let sample = try fixtureSample()
    let result = try applying(
      BlankRectangles(patchSize: sample.spatialShape), .init(boxes: boxes))
    expectClose(result.data.scalars, try fixtureData("da5_rectangles").scalars, absolute: 1e-6)
  }

  private func bells(_ axes: Int) -> [LocalBell] {
    numbers.bells.map {
      LocalBell(center: Array($0.center.prefix(axes)), width: Array($0.width.prefix(axes)))
    }
  }

  @Test func gradientsEqualBatchgenerators() throws {
    for (axes, name) in [(3, "da5_gradient"), (2, "da5_gradient2d")] {
      var sample = axes == 3 ? try fixtureSample() : try fixtureSlice(7)
      let drawn = zip(bells(axes), [-2.5, 4]).map {
        LocalBells.Bell(bell: $0, amount: $1)
      }
      BrightnessGradient(patchSize: sample.spatialShape).apply(.init(bells: drawn), to: &sample)
      expectClose(sample.data.scalars, try fixtureData(name).scalars, absolute: 2e-6)
    }
  }

  @Test func localGammaEqualsBatchgenerators() throws {
    for (axes, name) in [(3, "da5_localgamma"), (2, "da5_localgamma2d")] {
      var sample = axes == 3 ? try fixtureSample() : try fixtureSlice(7)
      let drawn = zip(bells(axes), [0.05, 3.3]).map {
        LocalBells.Bell(bell: $0, amount: $1)
      }
      LocalGamma(patchSize: sample.spatialShape).apply(.init(bells: drawn), to: &sample)
      expectClose(sample.data.scalars, try fixtureData(name).scalars, absolute: 3e-6)
    }
    let flat = LocalBell(center: [0.5, 0.5, 0.5], width: [4000, 4000, 4000])
    let result = try applying(
      LocalGamma(patchSize: [15, 18, 17]),
      .init(bells: [.init(bell: flat, amount: 0.5), nil]))
    let expected = try fixtureData("da5_localgamma_flat")
    expectClose(result.channel(0).scalars, expected.slice(0).scalars, absolute: 3e-6)
  }

  /// A cube, and every second slice of its first channel and of its labels after a change.
  private func cube() throws -> AugmentationSample {
    let (sample, edge) = (try fixtureSample(), 15)
    var data = DenseArray<Float>(shape: [2, edge, edge, edge], filledWith: 0)
    var labels = DenseArray<Int16>(shape: [1, edge, edge, edge], filledWith: 0)
    for z in 0..<edge {
      for y in 0..<edge {
        for x in 0..<edge {
          for channel in 0..<2 { data[channel, z, y, x] = sample.data[channel, z, y, x] }
          labels[0, z, y, x] = sample.labels[0, z, y, x]
        }
      }
    }
    return AugmentationSample(data: data, labels: labels)
  }

  private func expectEqual(_ sample: AugmentationSample, _ name: String) throws {
    let slices = stride(from: 0, to: 15, by: 2)
    let data = slices.map { sample.data.slice(0).slice($0) }
    let labels = slices.map { sample.labels.slice(0).slice($0) }
    #expect(DenseArray.stack(data) == (try fixtureData(name).slice(0)), "\(name)")
    #expect(DenseArray.stack(labels) == (try fixtureLabels("\(name)_labels").slice(0)), "\(name)")
  }

  @Test func turnsEqualBatchgenerators() throws {
    for (index, (turns, axes)) in [(1, [0, 2]), (2, [0, 1]), (3, [1, 2]), (3, [0, 1])].enumerated()
    {
      var sample = try cube()
      QuarterTurns(axes: [0, 1, 2]).apply(.init(turns: turns, axes: axes), to: &sample)
      try expectEqual(sample, "da5_turn_\(index)")
    }
  }

  @Test func transpositionsEqualBatchgenerators() throws {
    for (index, order) in [[2, 0, 1], [1, 2, 0], [0, 2, 1]].enumerated() {
      var sample = try cube()
      AxisTransposition(axes: [0, 1, 2]).apply(.init(axes: order), to: &sample)
      try expectEqual(sample, "da5_transposed_\(index)")
    }
  }
}

/// What DA5's transforms draw, and which of them it has.
@Suite struct DA5DrawTests {
  private let count = 10_000

  private func draws<Transform: RandomTransform>(
    _ transform: Transform
  ) -> [Transform.Parameters] {
    var generator = StreamRandom(seed: 5)
    return (0..<count).compactMap { _ in transform.sample(channels: 2, using: &generator) }
  }

  @Test func filters() {
    let medians = draws(MedianFilter())
    expectFrequency(medians.count, of: count, probability: 0.2)
    let sizes = medians.compactMap { $0.sizes[1] }
    expectFrequency(sizes.count, of: medians.count, probability: 0.5)
    #expect(Set(sizes) == Set(2...7))
    let sharpened = draws(Sharpening())
    expectFrequency(sharpened.count, of: count, probability: 0.2)
    expectUniform(sharpened.compactMap { $0.strengths[0] }, in: 0.1...1)
  }

  @Test func rectanglesLieWithinTheImage() {
    let patch = [40, 9, 2]
    let drawn = draws(BlankRectangles(patchSize: patch))
    expectFrequency(drawn.count, of: count, probability: 0.4)
    let channels = drawn.map { $0.boxes[0] }.filter { !$0.isEmpty }
    expectFrequency(channels.count, of: drawn.count, probability: 0.5)
    #expect(Set(channels.map(\.count)) == Set(1...5))
    let boxes = channels.flatMap { $0 }
    #expect(Set(boxes.map { $0.size[0] }) == Set(4...13))
    #expect(Set(boxes.map { $0.size[1] }) == Set(1...3))
    #expect(
      boxes.allSatisfy { box in
        patch.indices.allSatisfy { (1...patch[$0] - box.size[$0]).contains(box.origin[$0]) }
      })
    #expect(boxes.contains { $0.origin[0] + $0.size[0] == 40 })
  }

  @Test func bells() {
    let gradients = draws(BrightnessGradient(patchSize: [30, 60, 4]))
    expectFrequency(gradients.count, of: count, probability: 0.3)
    let drawn = gradients.compactMap { $0.bells[0] }
    expectFrequency(drawn.count, of: gradients.count, probability: 0.5)
    expectUniform(drawn.map { $0.bell.center[1] }, in: -0.5...1.5)
    expectUniform(drawn.map { log($0.bell.width[0]) }, in: log(5)...log(30))
    expectUniform(drawn.map { log($0.bell.width[2]) }, in: 0...log(4))
    expectFrequency(drawn.count { $0.amount < 0 }, of: drawn.count, probability: 0.5)
    expectUniform(drawn.map { abs($0.amount) }, in: 1...5)
    let gammas = draws(LocalGamma(patchSize: [30, 60, 4])).compactMap { $0.bells[1]?.amount }
    expectFrequency(gammas.count { $0 < 1 }, of: gammas.count, probability: 0.5)
    expectUniform(gammas.filter { $0 < 1 }, in: 0.01...0.8)
    expectUniform(gammas.filter { $0 > 1 }, in: 1.5...4)
  }

  @Test func turnsAndTranspositions() {
    let turns = draws(QuarterTurns(axes: [0, 1, 2]))
    expectFrequency(turns.count, of: count, probability: 0.5)
    for number in 0...3 {
      expectFrequency(turns.count { $0.turns == number }, of: turns.count, probability: 0.25)
    }
    for axes in [[0, 1], [0, 2], [1, 2]] {
      expectFrequency(turns.count { $0.axes == axes }, of: turns.count, probability: 1.0 / 3)
    }
    let orders = draws(AxisTransposition(axes: [2, 1]))
    expectFrequency(orders.count { $0.axes == [1, 2] }, of: orders.count, probability: 0.5)
  }

  @Test func oneOfTwoIsDrawn() {
    let drawn = draws(
      OneOf([.init(MedianFilter()), .init(GaussianBlur(probability: 0.2))]))
    expectFrequency(drawn.count, of: count, probability: 0.2)
    expectFrequency(
      drawn.count { $0.name == "MedianFilter" }, of: drawn.count, probability: 0.5)
  }

  @Test func recipesFitTheirPatches() throws {
    func names(_ patch: [Int], dummy: Bool = false) throws -> ([String], AugmentationRecipe) {
      var recipe = AugmentationRecipe.nnUNetV2(
        patchSize: patch, usesDummy2D: dummy, channelsUsingMask: [true])
      recipe.changeToDA5()
      return (recipe.steps.map { String(describing: type(of: $0.transform)) }, recipe)
    }
    let (plain, long) = try names([40, 56, 24])
    #expect(
      plain == [
        "OneOf", "GaussianNoise", "BrightnessAddition", "OneOf", "LowResolution", "Gamma", "Gamma",
        "Mirroring", "BlankRectangles", "BrightnessGradient", "LocalGamma", "Sharpening",
        "MaskOutside", "LabelReplacement",
      ])
    // As in v1's get_patch_size.
    #expect(long.initialPatchSize == [89, 86, 58])
    let (turned, square) = try names([40, 56, 40])
    #expect(turned == ["QuarterTurns", "AxisTransposition"] + plain)
    #expect(square.steps.first == .init(QuarterTurns(axes: [0, 2])))
    #expect(try names([56, 40]).0 == plain)
    let (flat, slices) = try names([12, 40, 40], dummy: true)
    #expect(flat == turned && slices.steps.first == .init(QuarterTurns(axes: [1, 2])))
    #expect(slices.spatial?.transformsSlices == true && slices.initialPatchSize == [12, 57, 57])
    var generator = StreamRandom(seed: 3)
    for recipe in [long, square, slices] {
      for _ in 0..<25 {
        let shape = recipe.initialPatchSize
        let sample = AugmentationSample(
          data: DenseArray(shape: [1] + shape, filledWith: 1),
          labels: DenseArray(shape: [1] + shape, filledWith: 1))
        let result = recipe.augment(sample, using: &generator)
        #expect(result.spatialShape == recipe.patchSize)
        #expect(result.data.scalars.allSatisfy { $0.isFinite })
      }
    }
  }
}
