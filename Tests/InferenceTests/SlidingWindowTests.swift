import Arrays
import Foundation
import JSON
import TestSupport
import Testing

@testable import Inference

@Suite struct SlidingWindowTests {
  struct Placement: Decodable {
    var patch: [Int]
    var image: [Int]
    var step: Double
    var steps: [[Int]]
  }

  @Test func stepsEqualNNUNet() throws {
    let placements = try JSONFile.read(
      [Placement].self, from: fixtureURL("sliding-window/steps.json"))
    #expect(placements.count == 10)
    for placement in placements {
      let window = try SlidingWindow(
        imageSize: placement.image, patchSize: placement.patch, stepSize: placement.step)
      #expect(window.steps == placement.steps)
      #expect(window.padding == placement.patch.map { _ in 0 })
    }
    // From the reference's documentation of the rule.
    let window = try SlidingWindow(imageSize: [162, 529, 529], patchSize: [30, 224, 224])
    #expect(window.steps[0] == [0, 15, 29, 44, 59, 73, 88, 103, 117, 132])
    #expect(window.steps[1] == [0, 102, 203, 305])
    #expect(window.tileCount == 160)
  }

  @Test func padsSmallImagesAroundTheirCentre() throws {
    let window = try SlidingWindow(imageSize: [6, 20, 25], patchSize: [8, 25, 24])
    #expect(window.padding == [1, 2, 0])
    #expect(window.steps == [[0], [0], [0, 1]])
    #expect(window.origins == [[-1, -2, 0], [-1, -2, 1]])
  }

  @Test(arguments: [0, -0.5, 1.01, .nan])
  func refusesImpossibleSteps(_ step: Double) {
    #expect(throws: InferenceError.self) {
      try SlidingWindow(imageSize: [10], patchSize: [5], stepSize: step)
    }
  }

  @Test func tilesCoverEveryVoxel() throws {
    for (image, patch, step) in [(100, 32, 1.0), (33, 32, 0.5), (7, 32, 0.5), (97, 10, 0.7)] {
      let window = try SlidingWindow(imageSize: [image], patchSize: [patch], stepSize: step)
      var covered = Set<Int>()
      for origin in window.origins { covered.formUnion(origin[0]..<origin[0] + patch) }
      #expect(covered.isSuperset(of: 0..<image))
      #expect(window.origins.last?[0] == max(image - patch, 0) - window.padding[0])
    }
  }

  @Test func gaussianEqualsNNUNet() throws {
    let weights = gaussianImportance(patchSize: [56, 40])
    let expected = try NPYFile.read(
      fixtureURL("sliding-window/gaussian_56x40.npy"), as: Float.self)
    #expect(weights.shape == expected.shape)
    expectClose(weights.scalars, expected.scalars, absolute: 0, relative: 2e-7)
    #expect(weights[28, 20] == 1)
  }

  @Test(
    .enabled(if: sharedURL("golden/numerics") != nil, "\(sharedDataIsAbsent)"),
    arguments: [[40, 56, 40], [16, 256, 224]])
  func gaussianOfVolumesEqualsNNUNet(_ patch: [Int]) throws {
    let name = patch.map(String.init).joined(separator: "x")
    let file = try #require(sharedURL("golden/numerics/f_gauss_\(name).npy"))
    let expected = try NPYFile.read(file, as: Float.self)
    expectClose(
      gaussianImportance(patchSize: patch).scalars, expected.scalars, absolute: 0, relative: 2e-7)
  }

  @Test func gaussianIsNeverZero() {
    for extent in 1...70 {
      let weights = gaussianImportance(patchSize: [extent])
      #expect(weights.scalars.allSatisfy { $0 > 3e-4 && $0 <= 1 })
      #expect(weights.scalars[extent / 2] == 1)
    }
  }

  @Test(arguments: [1e-30, 1e-9, .leastNonzeroMagnitude])
  func tooManyTilesAreRefused(step: Double) throws {
    #expect {
      try SlidingWindow(imageSize: [100, 100, 100], patchSize: [16, 16, 16], stepSize: step)
    } throws: {
      guard
        case InferenceError.tooManyTiles(_, step, [100, 100, 100], [16, 16, 16])? =
          $0 as? InferenceError
      else { return false }
      return ($0 as? InferenceError)?.hint?.contains("--step_size") == true
    }
    // Where the image is a single tile, the step does not matter.
    #expect(
      try SlidingWindow(imageSize: [16, 8], patchSize: [16, 16], stepSize: step).tileCount == 1)
  }
}
