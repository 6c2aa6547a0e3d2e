import Plans

extension ExperimentPlanner {
  /// nnU-Net's standard planner of 3D networks, `ExperimentPlanner3D_v21`.
  public static let version21In3D = ExperimentPlanner(
    name: "ExperimentPlanner3D_v21", plansIdentifier: "nnUNetPlansv2.1",
    dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: ExperimentPlans.preprocessor3D,
    targetSpacing: TargetSpacingRule(), patch: PatchRule(start: .isotropic(voxels: 512)),
    batchSize: BatchSizeRule(spending: .samples, smallestLimit: 2), memoryTarget: .standard3D,
    dummy2D: Dummy2DRule(), lowResolution: LowResolutionRule(), firstEstimateFeatureCount: 32,
    maximumFeatureCount: 320)

  /// nnU-Net's standard planner of 2D networks, `ExperimentPlanner2D_v21`.
  ///
  /// As in nnU-Net v1 the memory of the first patch is estimated with 30 feature maps, that of
  /// smaller ones with 32.
  public static let version21In2D = ExperimentPlanner(
    name: "ExperimentPlanner2D_v21", plansIdentifier: "nnUNetPlansv2.1",
    dataIdentifier: "nnUNetData_plans_v2.1_2D", preprocessorName: ExperimentPlans.preprocessor2D,
    targetSpacing: .medianOnly, patch: PatchRule(start: .medianSlice),
    batchSize: BatchSizeRule(spending: .wholeBatches, smallestLimit: 1),
    memoryTarget: .standard2D, firstEstimateFeatureCount: 30, maximumFeatureCount: 512)

  /// All planners, by the names that users pass to `-pl3d` and `-pl2d`.
  public static let all: [ExperimentPlanner] = [version21In3D, version21In2D]

  /// The planner of a name.
  ///
  /// - Parameter spatialRank: 3 for `-pl3d`, 2 for `-pl2d`.
  /// - Throws: ``PlanningError/unknownPlanner(name:known:)``.
  public static func planner(
    named name: String, spatialRank: Int
  ) throws(PlanningError) -> ExperimentPlanner {
    let candidates = all.filter { $0.spatialRank == spatialRank }
    guard let planner = candidates.first(where: { $0.name == name }) else {
      throw .unknownPlanner(name: name, known: candidates.map(\.name))
    }
    return planner
  }
}

extension TargetSpacingRule {
  /// The median along every axis.
  public static var medianOnly: TargetSpacingRule {
    var rule = TargetSpacingRule()
    rule.coarseAxisPercentile = nil
    return rule
  }
}
