import HostSystem
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
  /// As in nnU-Net v1, the memory of the first patch is estimated with 30 feature maps, and that of
  /// smaller ones with 32.
  public static let version21In2D = ExperimentPlanner(
    name: "ExperimentPlanner2D_v21", plansIdentifier: "nnUNetPlansv2.1",
    dataIdentifier: "nnUNetData_plans_v2.1_2D", preprocessorName: ExperimentPlans.preprocessor2D,
    targetSpacing: .medianOnly, patch: PatchRule(start: .medianSlice),
    batchSize: BatchSizeRule(spending: .wholeBatches, smallestLimit: 1),
    memoryTarget: .standard2D, firstEstimateFeatureCount: 30, maximumFeatureCount: 512)

  /// All planners, by the names that users pass to `-pl3d` and `-pl2d`.
  public static let all = [version21In3D, version21In2D] + variantsOfVersion21 + firstPlanners

  /// Finds the planner with a name.
  ///
  /// - Parameters:
  ///   - name: Its name in nnU-Net v1, such as `ExperimentPlanner3D_v21`.
  ///   - spatialRank: 3 for `-pl3d`, 2 for `-pl2d`.
  ///   - additional: Planners that packages added.
  /// - Returns: The planner of nnU-Net, or otherwise the additional one with this name and rank.
  /// - Throws: ``PlanningError/unknownPlanner(name:known:)`` with the names of this rank.
  public static func planner(
    named name: String, spatialRank: Int, or additional: [ExperimentPlanner] = []
  ) throws(PlanningError) -> ExperimentPlanner {
    let candidates = (all + additional).filter { $0.spatialRank == spatialRank }
    guard let planner = candidates.first(where: { $0.name == name }) else {
      throw .unknownPlanner(name: name, known: candidates.map(\.name))
    }
    return planner
  }

  /// This planner for another GPU memory, GB, or another target spacing, mm, z, y, x.
  ///
  /// Plans and data get their own names, so that they can exist next to those of the planner:
  /// `nnUNetPlansv2.1_for12GB`, `nnUNetPlansv2.1_sp1.5x1x1`.
  public func adapted(
    gigabytes: Double? = nil, targetSpacing spacing: [Double]? = nil
  ) -> ExperimentPlanner {
    var planner = self
    var suffix = ""
    if let gigabytes {
      planner.memoryTarget = memoryTarget.scaled(toGigabytes: gigabytes)
      suffix += "_for\(Self.text(gigabytes))GB"
    }
    if let spacing {
      planner.targetSpacing = .fixed(spacing)
      suffix += "_sp" + spacing.map(Self.text).joined(separator: "x")
    }
    // With other networks and spacings, the low resolution stage also differs.
    if !suffix.isEmpty { planner.reusesPreparedCases = false }
    planner.plansIdentifier += suffix
    planner.dataIdentifier += suffix
    return planner
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e6 ? "\(Int(trusted: number))" : "\(number)"
  }
}

// MARK: - Variants of version 2.1

extension ExperimentPlanner {
  /// The name of the planner that uses the plans of another dataset.
  public static let nameOfPretrained = "ExperimentPlanner3D_v21_Pretrained"

  private static let variantsOfVersion21 = [
    larger("ExperimentPlanner3D_v21_11GB", "big", factor: 11.0 / 8),
    larger("ExperimentPlanner3D_v21_16GB", "16GB", factor: 16 / 8.5),
    larger("ExperimentPlanner3D_v21_32GB", "verybig", factor: 32.0 / 8),
    variant("ExperimentPlanner3D_v21_3cps", plans: "nnUNetPlansv2.1_3cps") {
      $0.convolutionsPerStage = 3
      $0.reusesPreparedCases = true
    },
    variant(
      "ExperimentPlanner3D_v22", plans: "nnUNetPlansv2.2", data: "nnUNetData_plans_v2.2"
    ) { $0.targetSpacing.coarseAxisLimit = .anisotropic },
    variant(
      "ExperimentPlanner3D_v23", plans: "nnUNetPlansv2.3", data: "nnUNetData_plans_v2.3"
    ) { $0.preprocessorName = "Preprocessor3DDifferentResampling" },
    variant(
      "ExperimentPlanner3D_v21_customTargetSpacing_2x2x2", plans: "nnUNetPlansv2.1_trgSp_2x2x2",
      data: "nnUNetData_plans_v2.1_trgSp_2x2x2"
    ) {
      $0.targetSpacing = .fixed([2, 2, 2])
      // As in v1, where this planner does not call the constructor that sets 32.
      $0.baseFeatureCount = 30
      $0.firstEstimateFeatureCount = 30
      $0.memoryTarget = .reference3D(times: 1)
    },
    variant(
      "ExperimentPlanner3D_v21_noResampling", plans: "nnUNetPlansv2.1_noRes",
      data: "nnUNetData_noRes_plans_v2.1", leaveUnresampled),
    variant(
      "ExperimentPlanner3D_v21_noResampling_16GB", plans: "nnUNetPlansv2.1_noRes_16GB",
      data: "nnUNetData_noRes_plans_16GB_v2.1"
    ) {
      leaveUnresampled(&$0)
      $0.memoryTarget = .reference3D(times: 16 / 8.5)
    },
    variant(
      "ExperimentPlanner3DFabiansResUNet_v21", plans: "nnUNetPlans_FabiansResUNet_v2.1"
    ) {
      $0.residualBlocks = PlannedResidualBlocks()
      $0.memoryTarget = .residual3D
      $0.patch.estimatesUnpaddedStart = true
      $0.reusesPreparedCases = true
    },
    // Not in v1: models for nnU-Net v2 must be trained with these.
    variant(
      "ExperimentPlanner3D_v21_forV2", plans: "nnUNetPlans_forV2", data: "nnUNetPlans_forV2_3D"
    ) { $0.preprocessorName = ExperimentPlans.preprocessorV2 },
    variant(
      of: version21In2D, "ExperimentPlanner2D_v21_forV2", plans: "nnUNetPlans_forV2",
      data: "nnUNetPlans_forV2_2D"
    ) { $0.preprocessorName = ExperimentPlans.preprocessorV2 },
    variant(
      of: version21In2D, "ExperimentPlanner2D_v21_RGB_scaleTo_0_1",
      plans: "nnUNet_RGB_scaleTo_0_1", data: "nnUNet_RGB_scaleTo_0_1"
    ) { $0.preprocessorName = "GenericPreprocessor_scale_uint8_to_0_1" },
  ]

  private static func larger(
    _ name: String, _ suffix: String, factor: Double
  ) -> ExperimentPlanner {
    variant(
      name, plans: "nnUNetPlansv2.1_\(suffix)", data: "nnUNetData_plans_v2.1_\(suffix)"
    ) { $0.memoryTarget = .reference3D(times: factor) }
  }

  private static func leaveUnresampled(_ planner: inout ExperimentPlanner) {
    planner.lowResolution = nil
    planner.preprocessorName = "PreprocessorFor3D_NoResampling"
  }

  /// Makes a planner that differs from another one.
  ///
  /// - Parameters:
  ///   - base: The other one.
  ///   - name: The name that users pass to `-pl3d` or `-pl2d`.
  ///   - plans: The plans identifier, which users pass to `-p`.
  ///   - data: The name of the folders with prepared cases; nil for those of `base`, whose cases
  ///     must then be the same.
  ///   - change: Changes a copy of `base` that already has the new names.
  /// - Returns: The changed copy.
  public static func variant(
    of base: ExperimentPlanner = version21In3D, _ name: String, plans: String, data: String? = nil,
    _ change: (inout ExperimentPlanner) -> Void
  ) -> ExperimentPlanner {
    var planner = base
    planner.name = name
    planner.plansIdentifier = plans
    planner.dataIdentifier = data ?? base.dataIdentifier
    change(&planner)
    return planner
  }
}
