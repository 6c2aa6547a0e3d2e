import Arrays
import Testing

@testable import Augmentation

/// How often transforms are applied, and what they draw.
@Suite struct TransformDrawTests {
  private let count = 20_000

  private func draws<Transform: RandomTransform>(
    _ transform: Transform, channels: Int = 2
  ) -> [Transform.Parameters] {
    var generator = StreamRandom(seed: 11)
    return (0..<count).compactMap { _ in transform.sample(channels: channels, using: &generator) }
  }

  @Test func noise() {
    let drawn = draws(GaussianNoise())
    expectFrequency(drawn.count, of: count, probability: 0.1)
    expectUniform(drawn.map(\.standardDeviation), in: 0...0.1)
    #expect(Set(drawn.map(\.seed)).count == drawn.count)
  }

  @Test func blur() {
    let drawn = draws(GaussianBlur())
    expectFrequency(drawn.count, of: count, probability: 0.2)
    for channel in 0..<2 {
      let sigmas = drawn.compactMap { $0.sigmas[channel] }
      expectFrequency(sigmas.count, of: drawn.count, probability: 0.5)
      expectUniform(sigmas, in: 0.5...1)
    }
  }

  @Test func brightness() {
    let drawn = draws(BrightnessMultiplication())
    expectFrequency(drawn.count, of: count, probability: 0.15)
    expectUniform(drawn.map { $0.factors[0] }, in: 0.75...1.25)
    expectUniform(drawn.map { $0.factors[1] }, in: 0.75...1.25)
    #expect(drawn.allSatisfy { $0.factors.count == 2 && $0.factors[0] != $0.factors[1] })
  }

  @Test func additiveBrightness() {
    let drawn = draws(BrightnessAddition(probability: 1))
    let summands = drawn.compactMap { $0.summands[1] }
    expectFrequency(summands.count, of: count, probability: 0.5)
    let mean = summands.reduce(0, +) / Double(summands.count)
    let square = summands.map { $0 * $0 }.reduce(0, +) / Double(summands.count)
    #expect(abs(mean) < 0.005)
    #expect(abs(square.squareRoot() - 0.1) < 0.005)
  }

  @Test func contrast() {
    let factors = draws(Contrast()).compactMap { $0.factors[1] }
    expectFrequency(factors.count, of: count, probability: 0.15)
    expectFrequency(factors.count { $0 < 1 }, of: factors.count, probability: 0.5)
    expectUniform(factors, in: 0.75...1.25)
  }

  @Test func gamma() {
    let exponents = draws(Gamma(probability: 0.3, invertsImage: false)).map { $0.exponents[0] }
    expectFrequency(exponents.count, of: count, probability: 0.3)
    // Half of the draws are in the shorter part of the range.
    expectFrequency(exponents.count { $0 < 1 }, of: exponents.count, probability: 0.5)
    expectUniform(exponents.filter { $0 < 1 }, in: 0.7...1)
    expectUniform(exponents.filter { $0 >= 1 }, in: 1...1.5)
  }

  @Test func lowResolution() {
    let drawn = draws(LowResolution())
    expectFrequency(drawn.count, of: count, probability: 0.25)
    let zooms = drawn.compactMap { $0.zooms[0] }
    expectFrequency(zooms.count, of: drawn.count, probability: 0.5)
    expectUniform(zooms, in: 0.5...1)
  }

  @Test func mirroring() {
    let drawn = draws(Mirroring(axes: [0, 2]))
    expectFrequency(drawn.count, of: count, probability: 0.75)
    for axis in [0, 2] {
      expectFrequency(drawn.count { $0.axes.contains(axis) }, of: count, probability: 0.5)
    }
    expectFrequency(drawn.count { $0.axes == [0, 2] }, of: count, probability: 0.25)
    #expect(draws(Mirroring(axes: [])).isEmpty)
  }

  @Test func rangesAboveOneAreDrawnUniformly() {
    var generator = StreamRandom(seed: 1)
    expectUniform((0..<5000).map { _ in generator.factorAroundOne(in: 1.2...1.6) }, in: 1.2...1.6)
  }
}
