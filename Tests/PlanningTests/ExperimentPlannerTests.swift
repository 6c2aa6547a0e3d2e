import Plans
import Testing

@testable import Planning

/// Datasets at the edges of the rules, on which nnU-Net v1 fails, and the table of its
/// documentation.
@Suite struct ExperimentPlannerTests {
  /// nnU-Net v1 removes the last voxel of the only slice and stops with an overflow.
  @Test func plansHugeSingleSlices() throws {
    let data = dataset(size: [1, 4000, 4000], spacing: [999, 1, 1])
    for planner in [ExperimentPlanner.version21In3D, .version21In2D] {
      let plans = try planner.plan(data)
      #expect(plans.violatedRules == [])
      let stage = try #require(plans.stages[plans.stageCount - 1])
      #expect(stage.patchSize.allSatisfy { $0 > 0 })
      #expect(stage.medianSize == [1, 4000, 4000])
    }
  }

  /// Coarsening all axes must not round the only slice to none.
  @Test func plansSingleSlicesWithEqualSpacing() throws {
    let plans = try ExperimentPlanner.version21In3D.plan(
      dataset(size: [1, 6000, 6000], spacing: [1, 1, 1]))
    #expect(plans.violatedRules == [])
    #expect(plans.stages.values.allSatisfy { $0.medianSize[0] == 1 })
  }

  /// A header with a spacing of kilometres, or a target spacing of nanometres.
  @Test func impossibleSizesAreRefusedAndNamed() throws {
    var data = dataset(size: [40, 50, 60], spacing: [1, 1, 1])
    data.sizes = [[40, 50, 60], [40, 50, 60], [40, 50, 60]]
    data.spacings = [[1, 1, 1], [1e9, 1e9, 1e9], [1, 1, 1]]
    data.sizeReductions = ["a": 1, "b": 1, "c": 1]
    #expect(
      throws: PlanningError.impossibleSize(
        case: "b", size: [40, 50, 60], spacing: [1e9, 1e9, 1e9], target: [1, 1, 1])
    ) { try ExperimentPlanner.version21In3D.plan(data) }
    var planner = ExperimentPlanner.version21In3D
    planner.targetSpacing = .fixed([1e-5, 1e-5, 1e-5])
    let error = #expect(throws: PlanningError.self) {
      try planner.plan(dataset(size: [40, 50, 60], spacing: [1, 1, 1]))
    }
    #expect(error?.hint?.contains("--target-spacing") == true)
  }

  @Test func labelsThatDoNotFitEightBitsAreRefused() throws {
    var data = dataset(size: [40, 50, 60], spacing: [1, 1, 1])
    data.foregroundLabels = Array(1...256)
    #expect(throws: PlanningError.tooLargeLabels([256])) {
      try ExperimentPlanner.version21In2D.plan(data)
    }
    data.foregroundLabels = Array(1...255)
    #expect(throws: Never.self) { try ExperimentPlanner.version21In2D.plan(data) }
  }

  @Test func coarsestAxisDecidesTheOrder() throws {
    let plans = try ExperimentPlanner.version21In3D.plan(
      dataset(size: [320, 20, 256], spacing: [0.6, 3.6, 0.7]))
    #expect(plans.transposeForward == [1, 0, 2] && plans.transposeBackward == [1, 0, 2])
    #expect(plans.stages[0]?.medianSize == [20, 320, 256])
    #expect(plans.stages[0]?.spacing == [3.6, 0.6, 0.7])
    #expect(plans.stages[0]?.usesDummy2DAugmentation == true)
  }

  /// A case with exactly four times the patch's voxels, on which nnU-Net v1 stops with an unbound
  /// variable.
  @Test func exactlyFourPatchesNeedNoLowResolution() {
    let stage = StagePlan(
      batchSize: 2, poolCounts: [1, 1, 1], patchSize: [8, 8, 8], medianSize: [16, 16, 8],
      spacing: [1, 1, 1], originalSpacing: [1, 1, 1], usesDummy2DAugmentation: false,
      poolStrides: [[2, 2, 2]], convolutionKernels: [[3, 3, 3], [3, 3, 3]])
    let coarse = LowResolutionRule()(
      targetSpacing: [1, 1, 1], medianSize: [16, 16, 8], fullResolution: stage
    ) { _ in
      Issue.record("no stage is to be planned")
      return stage
    }
    #expect(coarse == nil)
  }

  /// The reference's values for well-known datasets: target spacing, median size, cases, channels,
  /// outputs; then patch and batch in 3D and 2D.
  @Test(arguments: [
    Known([1, 1, 1], [36, 50, 35], 260, 1, 3, [40, 56, 40], 9, [56, 40], 366),
    Known([3.6, 0.62, 0.62], [20, 320, 319], 32, 2, 3, [20, 320, 256], 2, [320, 320], 32),
    Known([1, 0.7676, 0.7676], [482, 512, 512], 131, 1, 3, [128, 128, 128], 2, [512, 512], 12),
    Known([5, 1.5625, 1.5625], [18, 237, 208], 200, 1, 4, [20, 256, 224], 3, [256, 224], 56),
    Known([1, 1, 1], [138, 170, 138], 484, 4, 4, [128, 128, 128], 2, [192, 160], 106),
    Known([1.37, 1.25, 1.25], [115, 320, 232], 20, 1, 2, [80, 192, 160], 2, [320, 256], 40),
    Known([1, 1, 1], [20, 20, 20], 5, 1, 2, [20, 20, 20], 2, [20, 20], 5),
  ])
  func plansKnownDatasets(known: Known) throws {
    let data = DatasetFingerprint(
      sizes: Array(repeating: known.size, count: known.cases),
      spacings: Array(repeating: known.spacing, count: known.cases),
      foregroundLabels: Array(1..<known.outputs),
      channelNames: Dictionary(uniqueKeysWithValues: (0..<known.channels).map { ($0, "MRI") }),
      intensities: nil, sizeReductions: ["case": 1])
    let volume = try ExperimentPlanner.version21In3D.plan(data)
    let stage = try #require(volume.stages[volume.stageCount - 1])
    #expect(stage.patchSize == known.patch3D && stage.batchSize == known.batch3D)
    let slice = try #require(try ExperimentPlanner.version21In2D.plan(data).stages[0])
    #expect(slice.patchSize == known.patch2D && slice.batchSize == known.batch2D)
  }

  struct Known: Sendable, CustomTestStringConvertible {
    var spacing: [Double]
    var size: [Int]
    var cases, channels, outputs: Int
    var patch3D: [Int]
    var batch3D: Int
    var patch2D: [Int]
    var batch2D: Int

    var testDescription: String { "\(size) at \(spacing) mm" }

    init(
      _ spacing: [Double], _ size: [Int], _ cases: Int, _ channels: Int, _ outputs: Int,
      _ patch3D: [Int], _ batch3D: Int, _ patch2D: [Int], _ batch2D: Int
    ) {
      (self.spacing, self.size, self.cases) = (spacing, size, cases)
      (self.channels, self.outputs) = (channels, outputs)
      (self.patch3D, self.batch3D, self.patch2D, self.batch2D) = (
        patch3D, batch3D, patch2D, batch2D
      )
    }
  }

  @Test func refusesImpossibleFingerprints() {
    var data = dataset(size: [10, 10, 10], spacing: [1, 1, 1])
    data.spacings[0] = [1, 0, 1]
    #expect(throws: PlanningError.invalidSpacing([1, 0, 1])) {
      try ExperimentPlanner.version21In3D.plan(data)
    }
    data.spacings = []
    #expect(throws: PlanningError.unequalCounts(sizes: 1, spacings: 0)) {
      try ExperimentPlanner.version21In3D.plan(data)
    }
    data.sizes = []
    #expect(throws: PlanningError.noCases) { try ExperimentPlanner.version21In3D.plan(data) }
  }

  @Test func findsPlannersByName() throws {
    #expect(
      try ExperimentPlanner.planner(named: "ExperimentPlanner2D_v21", spatialRank: 2)
        == .version21In2D)
    #expect(
      throws: PlanningError.unknownPlanner(
        name: "ExperimentPlanner3D_v21_16GB",
        known: [
          "ExperimentPlanner2D_v21", "ExperimentPlanner2D_v21_forV2",
          "ExperimentPlanner2D_v21_RGB_scaleTo_0_1", "ExperimentPlanner2D",
        ])
    ) {
      try ExperimentPlanner.planner(named: "ExperimentPlanner3D_v21_16GB", spatialRank: 2)
    }
  }

  @Test func aRuleOfAPackageLooksAtTheDataset() throws {
    let rule = PlannerAdaptation(
      name: "coarse",
      changePlanner: { planner, dataset in
        planner.targetSpacing = .fixed(dataset.spacings[0].map { $0 * 2 })
        planner.normalizationScheme.schemes["MRI"] = NormalizationScheme(rawValue: "mine")
      },
      changePlans: { $0.stages[0]?.batchSize = 3 })
    let planner = ExperimentPlanner.variant("Coarse", plans: "nnUNetPlans_coarse") {
      $0.adaptation = rule
    }
    let data = dataset(size: [64, 64, 64], spacing: [1, 1, 1])
    let usual = try ExperimentPlanner.version21In3D.plan(data)
    let plans = try planner.plan(data)
    #expect(plans.stages[0]?.spacing == [2, 2, 2])
    #expect(plans.stages[0]?.medianSize == [32, 32, 32])
    #expect(plans.stages[0]?.batchSize == 3)
    #expect(plans.normalizationSchemes == [0: NormalizationScheme(rawValue: "mine")])
    #expect(usual.stages[0]?.spacing == [1, 1, 1])
    #expect(
      try ExperimentPlanner.planner(named: "Coarse", spatialRank: 3, or: [planner]) == planner)
    #expect(throws: PlanningError.self) {
      try ExperimentPlanner.planner(named: "Coarse", spatialRank: 2, or: [planner])
    }
  }

  private func dataset(size: [Int], spacing: [Double]) -> DatasetFingerprint {
    DatasetFingerprint(
      sizes: [size], spacings: [spacing], foregroundLabels: [1], channelNames: [0: "MRI"],
      intensities: nil, sizeReductions: ["case": 1])
  }
}
