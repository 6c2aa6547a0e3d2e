import Plans
import TestSupport
import Testing

@testable import Planning

@Suite struct PlanningRuleTests {
  @Test func coarseAxisTakesALowPercentile() {
    let spacings = (1...11).map { [Double($0), 0.5, 0.5] }
    let coarse = fingerprint(sizes: Array(repeating: [10, 200, 200], count: 11), spacings)
    #expect(TargetSpacingRule()(coarse) == [2, 0.5, 0.5])
    #expect(TargetSpacingRule.medianOnly(coarse) == [6, 0.5, 0.5])
    let long = fingerprint(sizes: Array(repeating: [67, 200, 200], count: 11), spacings)
    #expect(TargetSpacingRule()(long) == [6, 0.5, 0.5], "many slices are no reason")
  }

  @Test func coarseAxisStaysTheCoarsest() {
    let spacings = [[0.2, 0.6, 0.5]] + Array(repeating: [5, 0.6, 0.5], count: 4)
    let target = TargetSpacingRule()(
      fingerprint(sizes: Array(repeating: [10, 200, 200], count: 5), spacings))
    // The 10th percentile is 0.4 of the way from 0.2 to 5.
    #expect(target[0] > 2 && target[0] < 2.2)
    let fine =
      Array(repeating: [0.2, 0.6, 0.5], count: 4) + Array(repeating: [5, 0.6, 0.5], count: 5)
    #expect(
      TargetSpacingRule()(fingerprint(sizes: Array(repeating: [10, 200, 200], count: 9), fine))
        == [0.6 + 1e-5, 0.6, 0.5])
  }

  @Test(arguments: [
    ([1.0, 1, 1], [0, 1, 2], [0, 1, 2]), ([1, 2, 2], [1, 0, 2], [1, 0, 2]),
    ([1, 2, 3], [2, 0, 1], [1, 2, 0]),
  ])
  func coarsestAxisComesFirst(spacing: [Double], order: [Int], inverse: [Int]) {
    #expect(AxisOrderRule()(targetSpacing: spacing) == order)
    #expect(AxisOrderRule.inverse(of: order) == inverse)
  }

  @Test func topologyFollowsTheSpacing() {
    let prostate = TopologyRule()(spacing: [3.6, 0.62, 0.62], patchSize: [20, 320, 256])
    #expect(
      prostate.poolStrides == [
        [1, 2, 2], [1, 2, 2], [2, 2, 2], [2, 2, 2], [1, 2, 2], [1, 2, 2],
      ])
    #expect(
      prostate.convolutionKernels
        == [[1, 3, 3], [1, 3, 3]] + Array(repeating: [3, 3, 3], count: 5))
    #expect(prostate.patchSize == [20, 320, 256])
    let heart = TopologyRule()(spacing: [1.37, 1.25, 1.25], patchSize: [70, 161, 160])
    #expect(heart.patchSize == [80, 192, 160])
    #expect(heart.divisor == [16, 32, 32])
  }

  /// Patches are multiples of the divisor, and the bottleneck keeps its shortest edge.
  @Test func topologyKeepsItsInvariants() {
    var generator = SeededGenerator(state: 1)
    for _ in 0..<500 {
      let spacing = (0..<3).map { _ in Double.random(in: 0.2...6, using: &generator) }
      let size = (0..<3).map { _ in Int.random(in: 1...600, using: &generator) }
      let network = TopologyRule()(spacing: spacing, patchSize: size)
      #expect(network.convolutionKernels.count == network.poolStrides.count + 1)
      for axis in 0..<3 {
        let patch = network.patchSize[axis]
        #expect(patch % network.divisor[axis] == 0)
        #expect(patch >= size[axis] && patch - size[axis] < network.divisor[axis])
        #expect(network.poolCounts[axis] == 0 || patch / network.divisor[axis] >= 4)
        #expect(network.poolStrides.reduce(1) { $0 * $1[axis] } == network.divisor[axis])
      }
    }
  }

  @Test func masksFollowTheCropping() {
    var data = fingerprint(sizes: [[1, 1, 1]], [[1, 1, 1]])
    data.channelNames = [0: "MRI", 1: "CTA", 2: "ct"]
    data.sizeReductions = ["a": 0.7, "b": 0.74, "c": 1]
    #expect(NormalizationMaskRule()(data) == [0: true, 1: false, 2: true])
    data.sizeReductions = ["a": 0.7, "b": 0.75, "c": 1]
    #expect(NormalizationMaskRule()(data) == [0: false, 1: false, 2: false])
  }

  @Test func schemesFollowTheChannelNames() {
    #expect(
      NormalizationSchemeRule()([0: "CT", 1: "ct", 2: "noNorm", 3: "CTA", 4: "T1"])
        == [0: .ct, 1: .ct, 2: .none, 3: .zScore, 4: .zScore])
  }

  @Test func batchIsLimitedByTheDataset() {
    let rule = BatchSizeRule(spending: .samples, smallestLimit: 2)
    let target = MemoryTarget(valuesPerSample: 1000, batchSize: 2)
    func batch(_ estimate: Int, _ voxels: Int) -> Int {
      rule(estimate: estimate, target: target, datasetVoxels: voxels, patchVoxels: 100)
    }
    #expect(batch(400, 1_000_000) == 5)
    #expect(batch(400, 6000) == 3)
    #expect(batch(400, 100) == 2)
    #expect(batch(4000, 1_000_000) == 2)
    let whole = BatchSizeRule(spending: .wholeBatches, smallestLimit: 1)
    #expect(whole(estimate: 400, target: target, datasetVoxels: 1_000_000, patchVoxels: 100) == 4)
    #expect(whole(estimate: 400, target: target, datasetVoxels: 100, patchVoxels: 100) == 1)
  }

  private func fingerprint(sizes: [[Int]], _ spacings: [[Double]]) -> DatasetFingerprint {
    DatasetFingerprint(
      sizes: sizes, spacings: spacings, foregroundLabels: [1], channelNames: [0: "MRI"],
      intensities: nil, sizeReductions: [:])
  }
}

/// A small generator (SplitMix64), so that failures can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
