import Plans

// MARK: - Planners of the first version

extension ExperimentPlanner {
  /// 30 feature maps, the median spacing along all axes and pooling as late as possible.
  private static let first = variant(
    "ExperimentPlanner", plans: "nnUNetPlansfixed", data: "nnUNetData_plans_v2.1"
  ) {
    $0.baseFeatureCount = 30
    $0.firstEstimateFeatureCount = 30
    $0.targetSpacing = .medianOnly
    $0.patch.topology = .latePooling
    $0.memoryTarget = .reference3D(times: 1)
  }

  static let firstPlanners = [
    first,
    variant(
      of: first, "ExperimentPlannerPoolBasedOnSpacing", plans: "nnUNetPlanspoolBasedOnSpacing",
      data: "nnUNetData_poolBasedOnSpacing"
    ) { $0.patch.topology = TopologyRule() },
    variant(
      of: first, "ExperimentPlannerCT2", plans: "nnUNetPlansCT2", data: "nnUNet_CT2"
    ) { $0.normalizationScheme = .onlyCT(.ct2) },
    variant(
      of: first, "ExperimentPlannernonCT", plans: "nnUNetPlansnonCT", data: "nnUNet_nonCT"
    ) { $0.normalizationScheme = .onlyCT(.zScore) },
    variant(
      of: first, "ExperimentPlannerAllConv3x3", plans: "nnUNetPlansallConv3x3"
    ) {
      $0.patch.topology.hasFullKernels = true
      $0.reusesPreparedCases = true
    },
    variant(
      of: first, "ExperimentPlannerIso", plans: "nnUNetPlansfixedisoPatchesInmm",
      data: "nnUNet_isoPatchesInmm"
    ) { $0.patch.shrinking = .longestInMillimetres },
    variant(
      of: first, "ExperimentPlanner3D_IsoPatchesInVoxels",
      plans: "nnUNetPlansfixedisoPatchesInVoxels", data: "nnUNetData_isoPatchesInVoxels"
    ) {
      $0.patch.start = .medianCase
      $0.patch.shrinking = .longestInVoxels
    },
    variant(
      of: first, "ExperimentPlannerTargetSpacingForAnisoAxis",
      plans: "nnUNetPlanstargetSpacingForAnisoAxis", data: "nnUNetData_targetSpacingForAnisoAxis"
    ) {
      $0.targetSpacing = TargetSpacingRule()
      $0.targetSpacing.coarseAxisLimit = .none
    },
    variant(of: version21In2D, "ExperimentPlanner2D", plans: "nnUNetPlans") {
      $0.baseFeatureCount = 30
      $0.batchSize.spending = .wholeSamples
    },
  ]
}

extension TargetSpacingRule {
  /// The median along every axis.
  package static var medianOnly: TargetSpacingRule {
    var rule = TargetSpacingRule()
    rule.coarseAxisPercentile = nil
    return rule
  }
}
