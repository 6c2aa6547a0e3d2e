import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Inference

@Suite struct VolumePredictorTests {
  /// Overlapping tiles, Gaussian weights, padding: compared with a voxel-by-voxel average.
  @Test(arguments: [[8, 6, 4], [8, 20, 4], [3, 3, 3], [12, 13, 14]], [true, false])
  func averagesTilesIn3D(patch: [Int], usesGaussian: Bool) throws {
    let image = randomImage([2, 12, 13, 14])
    let tiles = PositionalPredictor(scale: 1)
    let predictor = VolumePredictor(
      patchSize: patch, stepSize: 0.6, usesGaussian: usesGaussian, tilesPerBatch: 3)
    let result = try predictor.probabilities(of: image, using: [tiles])
    let expected = try slowAverage(
      image, patch: patch, step: 0.6, usesGaussian: usesGaussian, tiles)
    #expect(result.shape == [3, 12, 13, 14])
    expectClose(result.scalars, expected, absolute: 1e-6, relative: 1e-5)
  }

  /// Sums in a file equal those in memory, bit for bit, even if the window moves several times.
  @Test(arguments: [[4, 6, 4], [5, 20, 3], [3, 3, 3]])
  func sumsInAFileAreThoseInMemory(patch: [Int]) throws {
    let image = randomImage([2, 23, 13, 14])
    let networks = [PositionalPredictor(scale: 1), PositionalPredictor(scale: 2)]
    var predictor = VolumePredictor(patchSize: patch, stepSize: 0.4, tilesPerBatch: 3)
    let inMemory = try predictor.probabilities(of: image, using: networks)
    predictor.scratchFolder = try temporaryFolder()
    predictor.memoryForSums = 0
    #expect(try predictor.probabilities(of: image, using: networks) == inMemory)
    predictor.scratchFolder = URL(fileURLWithPath: "/nowhere")
    #expect(throws: FileError.self) {
      try predictor.probabilities(of: image, using: networks)
    }
  }

  @Test func predictsSlicesIn2D() throws {
    let image = randomImage([2, 5, 13, 14])
    let tiles = PositionalPredictor(scale: 1)
    // In 2D slices share batches; no tile may see another slice.
    let predictor = VolumePredictor(patchSize: [6, 20], tilesPerBatch: 4)
    let result = try predictor.probabilities(of: image, using: [tiles])
    for z in 0..<5 {
      var slice = DenseArray<Float>(shape: [2, 1, 13, 14], filledWith: 0)
      for channel in 0..<2 {
        for y in 0..<13 { for x in 0..<14 { slice[channel, 0, y, x] = image[channel, z, y, x] } }
      }
      let expected = try slowAverage(
        slice, patch: [1, 6, 20], step: 0.5, usesGaussian: true, tiles)
      for label in 0..<3 {
        let start = (label * 5 + z) * 13 * 14
        expectClose(
          result.scalars[start..<start + 13 * 14],
          expected[label * 13 * 14..<(label + 1) * 13 * 14], absolute: 1e-6, relative: 1e-5)
      }
    }
  }

  @Test func averagesSeveralNetworks() throws {
    let image = randomImage([1, 9, 9, 9])
    let predictor = VolumePredictor(patchSize: [4, 5, 6])
    let scales: [Float] = [1, 2, 6]
    let single = try predictor.probabilities(of: image, using: [PositionalPredictor(scale: 3)])
    let several = try predictor.probabilities(
      of: image, using: scales.map { PositionalPredictor(scale: $0) })
    expectClose(several.scalars, single.scalars, absolute: 1e-6, relative: 1e-5)
  }

  @Test func aTileThatKnowsItsVoxelsIsReproduced() throws {
    let image = randomImage([1, 11, 10, 9])
    let result = try VolumePredictor(patchSize: [4, 4, 4]).probabilities(
      of: image, using: [IdentityPredictor()])
    #expect(result.shape == image.shape)
    expectClose(result.scalars, image.scalars, absolute: 1e-6)
  }

  @Test func notANumberIsAnError() {
    var image = randomImage([1, 6, 6, 7])
    image[0, 5, 5, 6] = .nan
    #expect(throws: InferenceError.notANumber) {
      try VolumePredictor(patchSize: [4, 4, 4]).probabilities(
        of: image, using: [IdentityPredictor()])
    }
    image[0, 5, 5, 6] = 0
    image[0, 0, 0, 0] = .infinity
    #expect(throws: InferenceError.notANumber) {
      try VolumePredictor(patchSize: [8, 8, 8]).probabilities(
        of: image, using: [IdentityPredictor()])
    }
  }

  @Test func firstOfEquallyProbableLabelsWins() {
    let probabilities = DenseArray<Float>(
      shape: [3, 1, 1, 4],
      scalars: [0.2, 0.4, 0.3, 0, 0.6, 0.4, 0.3, 0, 0.2, 0.2, 0.4, 0.1])
    #expect(mostProbableLabels(probabilities).scalars == [1, 0, 2, 2])
    #expect(mostProbableLabels(probabilities).shape == [1, 1, 4])
  }

  private func randomImage(_ shape: [Int]) -> DenseArray<Float> {
    var random = StreamRandom(seed: 11, stream: 1)
    return DenseArray(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) })
  }

  /// The definition, voxel by voxel in double precision.
  private func slowAverage(
    _ image: DenseArray<Float>, patch: [Int], step: Double, usesGaussian: Bool,
    _ predictor: PositionalPredictor
  ) throws -> [Double] {
    let size = Array(image.shape.dropFirst())
    let padded = zip(size, patch).map { max($0, $1) }
    let before = zip(padded, size).map { ($0 - $1) / 2 }
    let window = try SlidingWindow(imageSize: padded, patchSize: patch, stepSize: step)
    let weights = gaussianImportance(patchSize: patch)
    var sums = [Double](repeating: 0, count: 3 * size.reduce(1, *))
    var totals = [Double](repeating: 0, count: size.reduce(1, *))
    for oz in window.steps[0] {
      for oy in window.steps[1] {
        for ox in window.steps[2] {
          forEachVoxel(patch) { z, y, x in
            let place = [oz + z - before[0], oy + y - before[1], ox + x - before[2]]
            guard zip(place, size).allSatisfy({ 0..<$1 ~= $0 }) else { return }
            let voxel = (place[0] * size[1] + place[1]) * size[2] + place[2]
            let weight =
              usesGaussian && window.tileCount > 1 ? Double(weights[z, y, x]) : 1
            totals[voxel] += weight
            for label in 0..<3 {
              let value = predictor.value(
                image[0, place[0], place[1], place[2]], at: [z, y, x], label: label)
              sums[label * totals.count + voxel] += weight * Double(value)
            }
          }
        }
      }
    }
    return sums.indices.map { sums[$0] / totals[$0 % totals.count] }
  }
}

private func forEachVoxel(_ shape: [Int], _ body: (Int, Int, Int) -> Void) {
  for z in 0..<shape[0] { for y in 0..<shape[1] { for x in 0..<shape[2] { body(z, y, x) } } }
}

/// Returns three labels whose values depend on the first channel and on the place in the tile, so
/// that every misplaced, doubled or wrongly weighted voxel shows.
private struct PositionalPredictor: TilePredictor {
  var scale: Float
  var labelCount: Int { 3 }

  func value(_ input: Float, at place: [Int], label: Int) -> Float {
    scale * (input + Float(label) + 0.1 * Float(place[0] + 2 * place[1] + 3 * place[2]))
  }

  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    let spatial = Array(tiles.shape.dropFirst(2))
    let volume = spatial.count == 2 ? [1] + spatial : spatial
    let input = tiles.reshaped(to: Array(tiles.shape.prefix(2)) + volume)
    var output = DenseArray<Float>(shape: [tiles.shape[0], 3] + volume, filledWith: 0)
    for tile in 0..<tiles.shape[0] {
      for label in 0..<3 {
        forEachVoxel(volume) { z, y, x in
          output[tile, label, z, y, x] = value(
            input[tile, 0, z, y, x], at: [z, y, x], label: label)
        }
      }
    }
    return output.reshaped(to: [tiles.shape[0], 3] + spatial)
  }
}

/// Returns its input as the only label.
private struct IdentityPredictor: TilePredictor {
  var labelCount: Int { 1 }
  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> { tiles }
}
