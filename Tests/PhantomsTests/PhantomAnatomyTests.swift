import Arrays
import Imaging
import Phantoms
import Testing

@Suite struct PhantomAnatomyTests {
  private func cases(_ contrast: PhantomRecipe.Contrast, count: Int = 10) -> [PhantomCase] {
    (0..<count).map { PhantomCase(PhantomRecipe(contrast: contrast), index: $0, isTest: false) }
  }

  /// Calls `body` with the labels of all pairs of neighbouring voxels, in both orders.
  private func forEachNeighbour(_ labels: DenseArray<UInt8>, _ body: (UInt8, UInt8) -> Void) {
    let strides = labels.strides
    for index in labels.scalars.indices {
      for axis in 0..<3 {
        let position = index / strides[axis] % labels.shape[axis]
        guard position + 1 < labels.shape[axis] else { continue }
        let (first, second) = (labels.scalars[index], labels.scalars[index + strides[axis]])
        body(first, second)
        body(second, first)
      }
    }
  }

  @Test(arguments: PhantomRecipe.Contrast.allCases)
  func everyCaseHasBothStructures(contrast: PhantomRecipe.Contrast) {
    for phantom in cases(contrast) {
      let labels = phantom.labels.labels.scalars
      #expect(Set(labels) == [0, 1, 2])
      let counts = (1...2).map { label in labels.count { $0 == label } }
      #expect(counts[0] > 300 && counts[1] > 100, "\(counts)")
      #expect(counts[0] + counts[1] < labels.count / 4)
      #expect(phantom.channels[0].voxels.scalars.allSatisfy { $0.isFinite })
      // The structures are within the image: its faces are background in MR.
      guard contrast == .mr else { continue }
      let shape = phantom.labels.labels.shape
      let plane = shape[1] * shape[2]
      #expect(labels.prefix(plane).allSatisfy { $0 == 0 })
      #expect(labels.suffix(plane).allSatisfy { $0 == 0 })
    }
  }

  @Test func headAndTailTouchAndLesionsLieWithinTheOrgan() {
    for phantom in cases(.mr) {
      var touching = 0
      forEachNeighbour(phantom.labels.labels) { if ($0, $1) == (1, 2) { touching += 1 } }
      #expect(touching >= 12)
    }
    for phantom in cases(.ct) {
      var (within, outside) = (0, 0)
      forEachNeighbour(phantom.labels.labels) {
        if $0 == 2, $1 == 1 { within += 1 }
        if $0 == 2, $1 == 0 { outside += 1 }
      }
      #expect(outside * 20 < within, "\(outside) of \(within)")
    }
  }

  @Test func shapesDifferBetweenCases() {
    let volumes = cases(.mr).map { phantom in phantom.labels.labels.scalars.count { $0 > 0 } }
    #expect(Double(volumes.max()!) > 1.2 * Double(volumes.min()!), "\(volumes)")
  }

  /// Intensity alone must not be enough: the best interval around the structure's mean finds too
  /// much.
  @Test(arguments: PhantomRecipe.Contrast.allCases)
  func noThresholdSegments(contrast: PhantomRecipe.Contrast) {
    for phantom in cases(contrast, count: 5) {
      let values = phantom.channels[0].voxels.scalars
      let labels = phantom.labels.labels.scalars
      let target: UInt8 = contrast == .mr ? 1 : 2
      let inside = zip(values, labels).filter { $0.1 == target }.map(\.0)
      let mean = inside.reduce(0, +) / Float(inside.count)
      let deviation = (inside.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(inside.count))
        .squareRoot()
      let best = [0.5, 1, 1.5, 2].map { width -> Double in
        let limit = Float(width) * deviation
        let found = zip(values, labels).filter { abs($0.0 - mean) < limit }
        let hits = found.count { $0.1 == target }
        return 2 * Double(hits) / Double(found.count + inside.count)
      }.max()!
      #expect(best < 0.6)
    }
  }

  /// But the structure must differ from what surrounds it by more than the noise.
  @Test func theOrganStandsOutFromItsSurroundings() {
    for phantom in cases(.mr, count: 5) {
      let values = phantom.channels[0].voxels
      let labels = phantom.labels.labels
      var (inside, border) = ((0.0, 0.0), (0.0, 0.0))
      let strides = labels.strides
      let margin = 2 * strides[0] + 2 * strides[1] + 2
      for index in margin..<labels.count - margin {
        let value = Double(values.scalars[index])
        if labels.scalars[index] > 0 {
          inside = (inside.0 + value, inside.1 + 1)
        } else if strides.contains(where: {
          labels.scalars[index + 2 * $0] > 0 || labels.scalars[index - 2 * $0] > 0
        }) {
          border = (border.0 + value, border.1 + 1)
        }
      }
      let ratio = border.0 / border.1 / (inside.0 / inside.1)
      #expect(abs(ratio - 1) > 0.1, "\(ratio)")
    }
  }

  @Test func noiseAndSpacingFollowTheRecipe() {
    var recipe = PhantomRecipe(contrast: .ct)
    let noisy = PhantomCase(recipe, index: 0, isTest: false)
    recipe.noise = 0
    let clean = PhantomCase(recipe, index: 0, isTest: false)
    #expect(noisy.labels.labels == clean.labels.labels)
    let differences = zip(
      noisy.channels[0].voxels.scalars, clean.channels[0].voxels.scalars
    ).filter { $0.1 > -900 }.map { Double($0.0 - $0.1) }
    let variance = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
    #expect(abs(variance.squareRoot() - 16) < 0.5)
    let thick = PhantomCase(recipe.anisotropic, index: 0, isTest: false)
    #expect(thick.labels.geometry.spacing == [1, 1, 4])
    // The same anatomy in the same field of view.
    let (fine, coarse) = (clean.labels.labels, thick.labels.labels)
    let fraction = { (labels: DenseArray<UInt8>) in
      Double(labels.scalars.count { $0 > 0 }) / Double(labels.count)
    }
    #expect(abs(fraction(fine) / fraction(coarse) - 1) < 0.1)
  }
}
