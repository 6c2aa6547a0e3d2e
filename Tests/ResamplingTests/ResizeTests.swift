import Arrays
import TestSupport
import Testing

@testable import Resampling

@Suite struct ResizeTests {
  @Test func manifestListsAllCases() throws {
    let manifest = try ResamplingFixture.load().manifest
    #expect(manifest.resizes.count == 36 && manifest.cases.count == 13)
  }

  @Test(arguments: ResamplingFixture.manifest?.resizes ?? [], [1, 3])
  func equalsScikitImage(_ entry: ResamplingManifest.Resize, threads: Int) throws {
    let fixture = try ResamplingFixture.load()
    let result = resize(
      try fixture.array(entry.source), to: entry.shape, order: try InterpolationOrder(entry.order),
      threads: threads)
    let expected = try fixture.array(entry.result)
    #expect(result.shape == expected.shape)
    // Values are up to 150; both sides are rounded to single precision once.
    expectClose(result.scalars, expected.scalars, absolute: 2e-5)
  }

  @Test func clipsToTheRangeOfTheInput() {
    let step = DenseArray<Float>(shape: [1, 6], scalars: [0, 0, 0, 1, 1, 1])
    let clipped = resize(step, to: [1, 12], order: .cubic).scalars
    let expected: [Float] = [0, 0.0144, 0.026, 0, 0, 0.2157, 0.7843, 1, 1, 0.974, 0.9856, 1]
    expectClose(clipped, expected, absolute: 5e-5)
    let unclipped = resize(step, to: [1, 12], order: .cubic, clips: false).scalars
    #expect(unclipped.min()! < -0.05 && unclipped.max()! > 1.05)
  }

  @Test(arguments: [
    (16, 8, [1, 3, 5, 7, 9, 11, 13, 15]), (16, 4, [2, 6, 10, 14]),
    (4, 8, [0, 0, 1, 1, 2, 2, 3, 3]), (5, 3, [0, 2, 4]), (3, 1, [1]), (1, 3, [0, 0, 0]),
  ])
  func nearestTakesTheUpperOfTwoHalves(_ input: Int, _ output: Int, _ expected: [Float]) {
    let line = DenseArray<Float>(shape: [1, input], scalars: (0..<input).map(Float.init))
    #expect(resize(line, to: [1, output], order: .nearest).scalars == expected)
    #expect(
      resizeToNearest(line.map { Int($0) }, to: [1, output]).scalars == expected.map(Int.init))
  }

  @Test func keepsAnArrayOfTheWantedShape() throws {
    let volume = try ResamplingFixture.load().array("volume")
    #expect(resize(volume, to: volume.shape, order: .cubic) == volume)
  }

  /// Lines longer than a block of lanes, and more lines than one block.
  @Test func threadsAndBlocksDoNotChangeTheResult() {
    var state: UInt32 = 1
    let shape = [7, 150, 301]
    let volume = DenseArray(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ -> Float in
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(state >> 8) / 65536
      })
    let whole = resize(volume, to: [5, 170, 260], order: .cubic)
    #expect(resize(volume, to: [5, 170, 260], order: .cubic, threads: 4) == whole)
    // The pass along z must not change a slice with equal neighbours along z.
    let slab = DenseArray.stack(Array(repeating: volume.slice(3), count: 4))
    let resized = resize(slab, to: [6, 170, 260], order: .cubic)
    let slice = resize(volume.slice(3), to: [170, 260], order: .cubic)
    expectClose(resized.slice(2).scalars, slice.scalars, absolute: 1e-4)
  }
}
