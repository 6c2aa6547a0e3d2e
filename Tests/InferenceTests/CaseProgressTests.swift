import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Inference

@Suite struct CaseProgressTests {
  @Test func totalsAreKnownFromTheStartAndStay() {
    let recorder = CollectingReporter()
    let progress = CaseProgress(
      "predicting", weights: ["a": 160, "b": 40, "unreadable": 0], reporter: recorder)
    #expect(recorder.steps.map(\.completed) == [0])
    // The case has fewer tiles than its header suggested.
    let first = progress.reporter(of: "a")
    for pass in 0...8 { first.advance("tiles", completed: pass, of: 8) }
    progress.finishCase("a")
    progress.finishCase("unreadable")
    progress.reporter(of: "b").advance("tiles", completed: 20, of: 80)
    progress.finishCase("b")
    progress.finishCase("b")
    #expect(Set(recorder.steps.map(\.total)) == [201])
    let completed = recorder.steps.map(\.completed)
    #expect(completed == completed.sorted())
    #expect(completed.contains(80), "half of the first case's weight after half of its passes")
    #expect(completed.count { $0 == 160 } == 1, "the first case ends when its files are written")
    #expect(completed.last == 201)
  }

  @Test func everyMirroredCopyOfEveryFoldCounts() throws {
    let recorder = CollectingReporter()
    let predictor = VolumePredictor(patchSize: [4, 4, 4])
    let folds = [MirroringPredictor(), MirroringPredictor(), MirroringPredictor()]
    #expect(predictor.passes(forImageSize: [4, 4, 12], using: folds) == 5 * 3 * 8)
    _ = try predictor.probabilities(
      of: DenseArray(shape: [1, 4, 4, 12], filledWith: 1), using: folds, reporter: recorder)
    #expect(Set(recorder.steps.map(\.total)) == [120])
    // Something moves after the first pass of the first tile, not only after the whole row.
    #expect(recorder.steps.map(\.completed) == Array(0...120))
  }
}

/// Processes a tile eight times and reports each pass.
private struct MirroringPredictor: TilePredictor {
  var labelCount: Int { 2 }
  var passesPerTile: Int { 8 }

  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    try probabilities(ofTiles: tiles) { _ in }
  }

  func probabilities(
    ofTiles tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) throws -> DenseArray<Float> {
    for _ in 0..<8 * tiles.shape[0] { onPass(1) }
    return DenseArray(shape: [tiles.shape[0], 2] + tiles.shape.dropFirst(2), filledWith: 0.5)
  }
}
