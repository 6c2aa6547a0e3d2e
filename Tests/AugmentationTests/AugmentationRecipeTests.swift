import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

@Suite struct AugmentationRecipeTests {
  private func pipeline() -> PatchPipeline {
    PatchPipeline(
      recipe: .nnUNetV2(
        patchSize: [8, 12, 10], usesDummy2D: false, channelsUsingMask: [true, false]),
      batchSize: 4)
  }

  private func batch(_ pipeline: PatchPipeline, epoch: Int, order: [Int]) throws
    -> [Int: AugmentationSample]
  {
    let array = try fixtureData("case")
    let locations = ForegroundVoxels([1: DenseArray(shape: [1, 3], scalars: [3, 10, 5])])
    return try array.scalars.withUnsafeBufferPointer { scalars in
      let reader = PatchReader(scalars: scalars, shape: array.shape)
      var samples: [Int: AugmentationSample] = [:]
      for element in order {
        var generator = PatchPipeline.generator(
          seed: 1, purpose: .training, epoch: epoch, batch: 2, element: element)
        samples[element] = try pipeline.makePatch(
          element: element, from: reader, locations: locations, using: &generator
        ).sample
      }
      return samples
    }
  }

  @Test func samplesDependOnTheirPositionAlone() throws {
    let pipeline = pipeline()
    let first = try batch(pipeline, epoch: 0, order: [0, 1, 2, 3])
    #expect(try batch(pipeline, epoch: 0, order: [3, 1, 0, 2]) == first)
    let next = try batch(pipeline, epoch: 1, order: [0, 1, 2, 3])
    for element in 0..<4 { #expect(first[element] != next[element]) }
    for sample in first.values {
      #expect(sample.data.shape == [2, 8, 12, 10])
      #expect(sample.labels.shape == [1, 8, 12, 10])
      #expect(sample.labels.scalars.allSatisfy { $0 >= 0 })
      #expect(sample.data.scalars.allSatisfy { $0.isFinite })
    }
  }

  /// Reading only the needed part gives the same sample as the whole patch.
  @Test func readingThePartChangesNothing() throws {
    let array = try fixtureData("case")
    let pipeline = pipeline()
    try array.scalars.withUnsafeBufferPointer { scalars in
      let reader = PatchReader(scalars: scalars, shape: array.shape)
      for element in 0..<40 {
        var generator = StreamRandom(seed: 5, stream: UInt64(element))
        var copy = generator
        let patch = try pipeline.makePatch(
          element: 0, from: reader, locations: ForegroundVoxels([:]), using: &generator)
        let location = pipeline.sampler.location(
          element: 0, imageSize: reader.imageSize, locations: ForegroundVoxels([:]), using: &copy)
        let whole = try reader.read(
          PatchWindow(wholePatch: pipeline.recipe.initialPatchSize), of: location)
        #expect(pipeline.recipe.augment(whole, using: &copy) == patch.sample)
      }
    }
  }

  @Test func sizesAndAnglesAreThoseOfNNUNet() {
    func spatial(_ patch: [Int], _ dummy: Bool = false) -> SpatialTransform {
      .nnUNetV2(patchSize: patch, usesDummy2D: dummy)
    }
    #expect(spatial([40, 56, 40]).initialPatchSize == [73, 80, 64])
    #expect(spatial([128, 128, 128]).initialPatchSize == [205, 205, 205])
    #expect(spatial([56, 40]).initialPatchSize == [65, 65])
    #expect(spatial([512, 512]).initialPatchSize == [602, 602])
    #expect(spatial([320, 320]).initialPatchSize == [376, 376])
    #expect(spatial([20, 320, 320], true).initialPatchSize == [20, 376, 376])
    #expect(spatial([56, 40]).angles == [-Double.pi...Double.pi])
    #expect(spatial([64, 40]).angles == [-Double.pi / 12...(Double.pi / 12)])
    #expect(spatial([20, 320, 160], true).angles == [-Double.pi...Double.pi])
    #expect(spatial([40, 56, 40]).angles.count == 3)
  }

  @Test func theOrderIsThatOfNNUNet() {
    let recipe = AugmentationRecipe.nnUNetV2(
      patchSize: [20, 64, 64], usesDummy2D: true, channelsUsingMask: [false], regions: [[1, 2]])
    let names = recipe.steps.map { String(describing: type(of: $0.transform)) }
    #expect(
      names == [
        "GaussianNoise", "GaussianBlur", "BrightnessMultiplication", "Contrast", "LowResolution",
        "Gamma", "Gamma", "Mirroring", "MaskOutside", "LabelReplacement", "LabelRegions",
      ])
    #expect(recipe.steps[4] == .init(LowResolution(ignoredAxes: [0])))
    #expect(recipe.steps[5] == .init(Gamma(probability: 0.1, invertsImage: true)))
    #expect(recipe.steps[6] == .init(Gamma(probability: 0.3, invertsImage: false)))
  }

  /// Adds the sample's number of channels to every voxel.
  private struct Shift: RandomTransform {
    func sample(channels: Int, using generator: inout some RandomNumberGenerator) -> Float? {
      Float(channels)
    }

    func apply(_ shift: Float, to sample: inout AugmentationSample) {
      for index in sample.data.scalars.indices { sample.data.scalars[index] += shift }
    }
  }

  @Test func transformsOfPackagesComeBeforeMirroring() throws {
    let shift = RegisteredTransform(name: "shift", Shift())
    var recipe = AugmentationRecipe.nnUNetV2(
      patchSize: [8, 8], usesDummy2D: false, channelsUsingMask: [true])
    recipe.insert([shift])
    #expect(recipe.steps.firstIndex(of: .init(shift)) == 7)
    #expect(recipe.steps[8].is(Mirroring.self))
    var plain = AugmentationRecipe.validation(patchSize: [2, 2])
    plain.insert([shift])
    let sample = AugmentationSample(
      data: DenseArray(shape: [3, 2, 2], filledWith: 1),
      labels: DenseArray(shape: [1, 2, 2], filledWith: -1))
    var generator = StreamRandom(seed: 1, stream: 1)
    let result = plain.augment(sample, using: &generator)
    #expect(result.data.scalars.allSatisfy { $0 == 4 })
    #expect(result.labels.scalars.allSatisfy { $0 == 0 })
  }

  @Test func validationOnlyRemovesTheOutside() throws {
    let sample = try fixtureSample()
    var generator = StreamRandom(seed: 1)
    let recipe = AugmentationRecipe.validation(patchSize: sample.spatialShape)
    let result = recipe.augment(sample, using: &generator)
    #expect(result.data == sample.data)
    #expect(result.labels == sample.labels.map { max($0, 0) })
  }
}
