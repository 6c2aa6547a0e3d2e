import Arrays
import TestSupport
import Testing

@testable import Augmentation

@Suite struct ElasticDeformationTests {
  private func noise(_ name: String) throws -> [DenseArray<Float>] {
    let all = try fixtureData(name + "_noise")
    return (0..<all.shape[0]).map { all.slice($0) }
  }

  private func expectBent(
    _ sample: AugmentationSample, _ parameters: SpatialTransform.Parameters, like name: String
  ) throws {
    let noise = try noise(name)
    let elastic = try #require(parameters.elastic)
    let transform = SpatialTransform(
      patchSize: noise[0].shape, initialPatchSize: sample.spatialShape,
      angles: noise.count == 3 ? Array(repeating: -1...1, count: 3) : [-1...1])
    let bent = BentMap(
      transform.affineMap(parameters), fields: elastic.fields(smoothing: noise))
    let result = transform.interpolate(
      sample, parameters, window: PatchWindow(wholePatch: sample.spatialShape), bent: bent)
    expectClose(result.data.scalars, try fixtureData(name + "_data").scalars, absolute: 2e-5)
    #expect(result.labels == (try fixtureLabels(name + "_labels")))
  }

  @Test func scaledNoiseEqualsBatchgenerators() throws {
    try expectBent(
      fixtureSample(),
      .init(
        angles: [0.3, -0.2, 0.45], scale: 1.1,
        elastic: .init(
          sigmas: [3, 3, 3], magnitudes: [60, 60, 60], isPeriodic: false, seed: 0)),
      like: "elastic3d_scaled")
  }

  @Test func partsOfThePatchEqualBatchgenerators() throws {
    try expectBent(
      fixtureSample(),
      .init(
        angles: [0.3, -0.2, 0.45], scale: 1.1,
        elastic: .init(
          sigmas: [2, 2.4, 2.2], magnitudes: [0.9, 1.1, 0.5], isPeriodic: true, seed: 0)),
      like: "elastic3d_part")
    try expectBent(
      fixtureSlice(7),
      .init(
        angles: [0.8], scale: 1.1,
        elastic: .init(sigmas: [1.1, 1.2], magnitudes: [0.5, 0.3], isPeriodic: true, seed: 0)),
      like: "elastic2d_part")
  }

  @Test func withoutDisplacementsBothWaysOfSamplingAgree() throws {
    let sample = try fixtureSample()
    let transform = SpatialTransform(
      patchSize: [10, 12, 11], initialPatchSize: sample.spatialShape,
      angles: Array(repeating: -1...1, count: 3))
    let parameters = SpatialTransform.Parameters(angles: [0.2, 0.5, -0.4], scale: 0.9)
    let straight = transform.apply(
      parameters, to: sample, window: PatchWindow(wholePatch: sample.spatialShape))
    let still = DenseArray<Float>(shape: [10, 12, 11], filledWith: 0)
    let bent = transform.interpolate(
      sample, parameters, window: PatchWindow(wholePatch: sample.spatialShape),
      bent: BentMap(transform.affineMap(parameters), fields: [still, still, still]))
    expectClose(bent.data.scalars, straight.data.scalars, absolute: 1e-5)
    #expect(bent.labels == straight.labels)
  }

  @Test func drawsFollowTheirDistributions() {
    var generator = StreamRandom(seed: 9)
    let noise = ElasticDeformation.scaledNoise(factor: 0...900, sigma: 9...13)
    let scaled = (0..<2000).map { _ in noise.draw(size: [8, 10, 12], using: &generator) }
    expectUniform(scaled.map { $0.magnitudes[0] }, in: 0...900)
    expectUniform(scaled.map { $0.sigmas[2] }, in: 9...13)
    let part = ElasticDeformation.partOfPatch(width: 0...0.25)
    let drawn = (0..<2000).map { _ in part.draw(size: [8, 10, 12], using: &generator) }
    expectUniform(drawn.map { $0.sigmas[1] / 10 }, in: 0...0.25)
    expectUniform(drawn.map { $0.magnitudes[2] / $0.sigmas[2] }, in: 0.125...0.5)
    #expect(drawn.allSatisfy { abs($0.sigmas[0] / 8 - $0.sigmas[2] / 12) < 1e-12 })
  }

  @Test func fieldsReachTheDrawnMagnitude() {
    let parameters = ElasticDeformation.Parameters(
      sigmas: [1, 2, 1.5], magnitudes: [0.5, 1, 0.75], isPeriodic: true, seed: 3)
    let fields = parameters.fields(size: [8, 9, 10])
    #expect(fields == parameters.fields(size: [8, 9, 10]))
    for (field, magnitude) in zip(fields, parameters.magnitudes) {
      #expect(abs((field.scalars.map { abs($0) }.max() ?? 0) - Float(magnitude)) < 1e-5)
    }
  }
}

@Suite struct AugmentationVariantTests {
  private func changed(
    _ patch: [Int], dummy2D: Bool = false, _ change: (inout AugmentationRecipe) -> Void
  ) -> AugmentationRecipe {
    var recipe = AugmentationRecipe.nnUNetV2(
      patchSize: patch, usesDummy2D: dummy2D, channelsUsingMask: [true])
    change(&recipe)
    return recipe
  }

  /// `get_patch_size` with the ranges that each trainer sets before calling it.
  @Test func initialPatchesAreThoseOfTheTrainers() {
    // python: get_patch_size((40, 56, 40), angles, angles, angles, (0.7, 1.4) or (0.85, 1.25))
    #expect(changed([40, 56, 40]) { $0.changeToInsane() }.initialPatchSize == [73, 80, 64])
    #expect(changed([40, 56, 40]) { $0.changeToDA3() }.initialPatchSize == [89, 97, 78])
    #expect(changed([40, 56, 40]) { $0.changeToDA4() }.initialPatchSize == [80, 80, 80])
    #expect(changed([56, 40]) { $0.changeToDA3() }.initialPatchSize == [80, 80])
  }

  @Test func variantsMakeFiniteSamples() throws {
    let changes: [(inout AugmentationRecipe) -> Void] = [
      { $0.changeToDA3() }, { $0.changeToDA4() }, { $0.changeToInsane() }, { $0.changeToMMS() },
      { $0.changeToFirst() },
    ]
    for change in changes {
      for dummy2D in [false, true] {
        let recipe = changed([8, 12, 10], dummy2D: dummy2D, change)
        var generator = StreamRandom(seed: 2)
        var bent = 0
        for _ in 0..<12 {
          let sample = AugmentationSample(
            data: DenseArray(shape: [1] + recipe.initialPatchSize) { values in
              for index in values.indices { values[index] = Float(index % 17) - 8 }
            },
            labels: DenseArray(shape: [1] + recipe.initialPatchSize, filledWith: 1))
          let draw = recipe.draw(channels: 1, using: &generator)
          bent += draw.spatial?.elastic == nil ? 0 : 1
          let result = recipe.apply(
            draw, to: sample, window: PatchWindow(wholePatch: recipe.initialPatchSize))
          #expect(result.data.shape == [1, 8, 12, 10])
          #expect(result.data.scalars.allSatisfy { $0.isFinite })
        }
        #expect(bent < 12)
      }
    }
  }

  @Test func da3AddsBrightnessBeforeTheLastGamma() {
    let recipe = changed([40, 56, 40]) { $0.changeToDA3() }
    let names = recipe.steps.map { String(describing: type(of: $0.transform)) }
    #expect(
      names.prefix(9) == [
        "GaussianNoise", "GaussianBlur", "BrightnessMultiplication", "Contrast", "LowResolution",
        "Gamma", "BrightnessAddition", "Gamma", "Mirroring",
      ])
  }
}
