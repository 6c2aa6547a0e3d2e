import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

@Suite struct IntensityTransformTests {
  @Test func blurEqualsBatchgenerators() throws {
    let result = try applying(GaussianBlur(), .init(sigmas: [0.62, 0.97]))
    expectClose(result.data.scalars, try fixtureData("blur").scalars, absolute: 2e-6)
    var slice = try fixtureSlice(7)
    let second = slice.channel(1)
    GaussianBlur().apply(.init(sigmas: [0.8, nil]), to: &slice)
    expectClose(slice.channel(0).scalars, try fixtureData("blur2d").scalars, absolute: 2e-6)
    #expect(slice.channel(1) == second)
  }

  @Test func brightnessEqualsBatchgenerators() throws {
    let result = try applying(BrightnessMultiplication(), .init(factors: [0.77, 1.23]))
    expectClose(result.data.scalars, try fixtureData("brightness").scalars, absolute: 1e-6)
  }

  @Test func additiveBrightnessAddsToChosenChannels() throws {
    let before = try fixtureSample()
    let result = try applying(BrightnessAddition(), .init(summands: [nil, 0.25]))
    #expect(result.channel(0) == before.channel(0))
    #expect(result.channel(1) == before.channel(1).map { $0 + 0.25 })
  }

  @Test func contrastEqualsBatchgenerators() throws {
    let result = try applying(Contrast(), .init(factors: [0.8, 1.2]))
    expectClose(result.data.scalars, try fixtureData("contrast").scalars, absolute: 2e-6)
  }

  @Test(arguments: [false, true]) func gammaEqualsBatchgenerators(inverted: Bool) throws {
    let result = try applying(
      Gamma(probability: 1, invertsImage: inverted), .init(exponents: [0.73, 1.41]))
    let expected = try fixtureData(inverted ? "gamma_inverted" : "gamma")
    expectClose(result.data.scalars, expected.scalars, absolute: 1e-5)
  }

  @Test func gammaLeavesAConstantChannelFinite() {
    var sample = AugmentationSample(
      data: DenseArray(shape: [1, 4, 5, 6], filledWith: 0.5),
      labels: DenseArray(shape: [1, 4, 5, 6], filledWith: 0))
    Gamma(probability: 1, invertsImage: true).apply(.init(exponents: [0.7]), to: &sample)
    expectClose(sample.data.scalars, Array(repeating: Float(0.5), count: 120), absolute: 1e-6)
  }

  @Test(arguments: [[], [0]]) func lowResolutionEqualsBatchgenerators(ignored: [Int]) throws {
    let result = try applying(
      LowResolution(ignoredAxes: ignored), .init(zooms: [0.55, 0.83]))
    let expected = try fixtureData(ignored.isEmpty ? "lowres" : "lowres_inplane")
    expectClose(result.data.scalars, expected.scalars, absolute: 1e-5)
  }

  @Test(.enabled(if: sharedURL(numericsFolder) != nil, Comment(rawValue: sharedDataIsAbsent)))
  func singleStepsEqualTheReferenceNumbers() throws {
    let folder = try #require(sharedURL(numericsFolder))
    func read(_ name: String) throws -> DenseArray<Float> {
      try NPYFile.read(folder.appendingPathComponent("i_\(name).npy"), as: Float.self)
    }
    let image = try read("sp_img")
    let fresh = AugmentationSample(
      data: image.reshaped(to: [1] + image.shape),
      labels: DenseArray(shape: [1] + image.shape, filledWith: 0))
    var sample = fresh
    GaussianBlur().apply(.init(sigmas: [0.8]), to: &sample)
    expectClose(sample.data.scalars, try read("blur_0.8").scalars, absolute: 1e-5)
    sample = fresh
    LowResolution().apply(.init(zooms: [0.6]), to: &sample)
    expectClose(sample.data.scalars, try read("lowres_0.6").scalars, absolute: 1e-4)
    sample = fresh
    Gamma(probability: 1, invertsImage: false).apply(.init(exponents: [1.3]), to: &sample)
    expectClose(sample.data.scalars, try read("gamma1.3_formula").scalars, absolute: 1e-4)
  }

  @Test func noiseHasTheDrawnDeviationAndComesFromItsSeed() throws {
    let shape = [2, 30, 31, 33]
    let empty = AugmentationSample(
      data: DenseArray(shape: shape, filledWith: 0),
      labels: DenseArray(shape: [1, 30, 31, 33], filledWith: 0))
    func noise(_ seed: UInt64) -> [Double] {
      var sample = empty
      GaussianNoise().apply(.init(standardDeviation: 0.08, seed: seed), to: &sample)
      return sample.data.scalars.map { Double($0) / 0.08 }
    }
    let values = noise(5)
    #expect(values == noise(5))
    #expect(values != noise(6))
    let count = Double(values.count)
    let moments = (1...4).map { power in values.map { pow($0, Double(power)) }.reduce(0, +) / count
    }
    // Five standard errors of the moments of a normal distribution.
    for (moment, (expected, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect(abs(moment - expected) < 5 * (variance / count).squareRoot())
    }
    let neighbours = zip(values, values.dropFirst()).map { $0 * $1 }.reduce(0, +) / count
    #expect(abs(neighbours) < 5 / count.squareRoot())
  }
}
