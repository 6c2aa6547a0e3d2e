import Arrays
import HostSystem
public import Plans

/// Turns a dataset's fingerprint into plans.
///
/// A planner is a value: the variants, which nnU-Net identifies by class names, differ in their
/// rules and constants. ``planner(named:spatialRank:or:)`` finds them by those names. See
/// Guides/Planning.md.
public struct ExperimentPlanner: Hashable, Sendable {
  /// The name that users pass to `-pl3d` and `-pl2d`.
  public var name: String
  /// The beginning of the plans file's name, which users pass to `-p`.
  public var plansIdentifier: String
  /// The name of the folders with prepared cases, without `_stageN`.
  public var dataIdentifier: String
  /// The preprocessor that prepares the cases, by nnU-Net's name or by one in a
  /// `PreprocessingTable`.
  public var preprocessorName: String
  /// Chooses the spacing that cases are resampled to.
  public var targetSpacing: TargetSpacingRule
  /// Chooses which axis of prepared cases comes first.
  public var axisOrder = AxisOrderRule()
  /// Chooses the patch; its start also determines whether networks have two or three axes.
  public var patch: PatchRule
  /// Chooses the number of samples per batch.
  public var batchSize: BatchSizeRule
  /// The memory target for patch and batch.
  public var memoryTarget: MemoryTarget
  /// Decides whether spatial augmentation works slice by slice; nil for never.
  public var dummy2D: Dummy2DRule?
  /// Decides about a low resolution stage, and so about a cascade; nil plans only the full
  /// resolution.
  public var lowResolution: LowResolutionRule?
  /// Decides whether channels are normalized only within the nonzero region.
  public var normalizationMask = NormalizationMaskRule()
  /// Chooses how each channel is normalized, by its name.
  public var normalizationScheme = NormalizationSchemeRule()
  /// The feature maps of the highest resolution, which double with each pooling.
  public var baseFeatureCount = 32
  /// The number of feature maps for estimating the memory of the first patch.
  public var firstEstimateFeatureCount: Int
  /// The limit of the doubling in estimates of memory; see `UNetConfiguration` for that of
  /// networks.
  public var maximumFeatureCount: Int
  /// The convolutions of each encoder and decoder stage.
  public var convolutionsPerStage = 2
  /// The blocks of a residual encoder; nil plans the plain U-Net.
  public var residualBlocks: PlannedResidualBlocks?
  /// Whether the planned networks use the cases that ``version21In3D`` prepares.
  public var reusesPreparedCases = false
  /// A rule of a package; nil for only nnU-Net's rules.
  public var adaptation: PlannerAdaptation?
  /// The number of axes of the planned networks, 2 or 3.
  public var spatialRank: Int { patch.start == .medianSlice ? 2 : 3 }

  /// The plans of a dataset.
  ///
  /// - Throws: ``PlanningError`` when the fingerprint has no cases or contradicts itself.
  public func plan(_ fingerprint: DatasetFingerprint) throws(PlanningError) -> ExperimentPlans {
    try validate(fingerprint)
    guard let adaptation else { return try planUnchanged(fingerprint) }
    var plans = try adapted(to: fingerprint).planUnchanged(fingerprint)
    adaptation.changePlans(&plans)
    return plans
  }

  /// The plans without the rule of a package.
  private func planUnchanged(
    _ fingerprint: DatasetFingerprint
  ) throws(PlanningError) -> ExperimentPlans {
    let target = targetSpacing(fingerprint)
    try requirePossibleSizes(of: fingerprint, at: target)
    let order = axisOrder(targetSpacing: target)
    let context = StageContext(
      targetSpacing: target, medianSize: medianSize(fingerprint, target), axisOrder: order,
      caseCount: fingerprint.sizes.count, channelCount: fingerprint.channelNames.count,
      outputCount: fingerprint.foregroundLabels.count + 1)
    let fullResolution = stage(spacing: target, in: context)
    let coarse = lowResolution?(
      targetSpacing: target, medianSize: context.medianSize, fullResolution: fullResolution
    ) { stage(spacing: $0, in: context) }
    let stages = [coarse, fullResolution].compactMap { $0 }
    return ExperimentPlans(
      // lint: positions
      stages: Dictionary(uniqueKeysWithValues: stages.enumerated().map { ($0, $1) }),
      channelNames: fingerprint.channelNames,
      normalizationSchemes: normalizationScheme(fingerprint.channelNames),
      fingerprint: fingerprint, baseFeatureCount: baseFeatureCount,
      usesMaskForNormalization: normalizationMask(fingerprint), transposeForward: order,
      transposeBackward: AxisOrderRule.inverse(of: order), dataIdentifier: dataIdentifier,
      preprocessorName: preprocessorName,
      convolutionsPerStage: spatialRank == 2 ? nil : convolutionsPerStage)
  }

  /// Checks that each case can be resampled; the error names a case with a wrong header.
  private func requirePossibleSizes(
    of fingerprint: DatasetFingerprint, at target: [Double]
  ) throws(PlanningError) {
    // The reductions have the cases' names, and both lists are in their order.
    let names = fingerprint.sizeReductions.keys.sorted()
    for (index, (size, spacing)) in zip(fingerprint.sizes, fingerprint.spacings).enumerated() {
      let voxels = (0..<3).map { spacing[$0] / target[$0] * Double(size[$0]) }.reduce(1.0, *)
      guard voxels <= Double(ArrayLimits.voxels) else {
        throw .impossibleSize(
          case: names.count == fingerprint.sizes.count ? names[index] : nil, size: size,
          spacing: spacing, target: target)
      }
    }
  }

  /// The median size of the cases at the target spacing, voxels (not rounded), z, y, x.
  private func medianSize(_ fingerprint: DatasetFingerprint, _ target: [Double]) -> [Double] {
    (0..<3).map { axis in
      median(
        zip(fingerprint.spacings, fingerprint.sizes).map {
          $0[axis] / target[axis] * Double($1[axis])
        })
    }
  }

  private func validate(_ fingerprint: DatasetFingerprint) throws(PlanningError) {
    guard !fingerprint.sizes.isEmpty else { throw .noCases }
    guard fingerprint.sizes.count == fingerprint.spacings.count else {
      throw .unequalCounts(sizes: fingerprint.sizes.count, spacings: fingerprint.spacings.count)
    }
    guard !fingerprint.foregroundLabels.isEmpty else { throw .noForegroundLabels }
    let tooLarge = fingerprint.foregroundLabels.filter { $0 > DatasetDescription.largestLabel }
    guard tooLarge.isEmpty else { throw .tooLargeLabels(tooLarge) }
    for (size, spacing) in zip(fingerprint.sizes, fingerprint.spacings) {
      guard size.count == 3, size.allSatisfy({ $0 > 0 }) else { throw .invalidSize(size) }
      guard spacing.count == 3, spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw .invalidSpacing(spacing)
      }
    }
  }
}

// MARK: - Stages

/// The common values of all stages of a dataset's plans; axes are z, y, x.
private struct StageContext {
  var targetSpacing: [Double]
  var medianSize: [Double]
  var axisOrder: [Int]
  var caseCount: Int
  var channelCount: Int
  var outputCount: Int
}

extension ExperimentPlanner {
  /// The network level for a spacing, mm, z, y, x.
  private func stage(spacing: [Double], in context: StageContext) -> StagePlan {
    let order = context.axisOrder
    let spacing = order.map { spacing[$0] }
    let original = order.map { context.targetSpacing[$0] }
    let size = order.map { context.medianSize[$0] }
    // At least one voxel, even if an axis with few voxels is coarsened.
    let medianSize = (0..<3).map { max(1, roundHalfEven(original[$0] / spacing[$0] * size[$0])) }
    let (network, memory) = patch(
      spacing: spacing, medianSize: medianSize, target: memoryTarget,
      estimate: estimate(baseFeatureCount, context),
      firstEstimate: estimate(firstEstimateFeatureCount, context))
    var stage = StagePlan(
      batchSize: batchSize(
        estimate: memory, target: memoryTarget,
        datasetVoxels: medianSize.trustedProduct * context.caseCount,
        patchVoxels: network.patchSize.trustedProduct),
      poolCounts: network.poolCounts, patchSize: network.patchSize, medianSize: medianSize,
      spacing: spacing, originalSpacing: original,
      usesDummy2DAugmentation: dummy2D?(patchSize: network.patchSize) ?? false,
      poolStrides: network.poolStrides, convolutionKernels: network.convolutionKernels)
    if let residualBlocks {
      // v1's residual networks count the first stage as a pooling by 1.
      stage.encoderBlockCounts = residualBlocks.encoder(levels: network.poolStrides.count)
      stage.decoderBlockCounts = residualBlocks.decoder(levels: network.poolStrides.count)
      stage.poolStrides.insert(network.patchSize.map { _ in 1 }, at: 0)
    }
    return stage
  }

  private func estimate(_ featureCount: Int, _ context: StageContext) -> MemoryEstimate {
    var estimate = MemoryEstimate(
      baseFeatureCount: featureCount, maximumFeatureCount: maximumFeatureCount,
      convolutionsPerStage: convolutionsPerStage, channelCount: context.channelCount,
      outputCount: context.outputCount)
    estimate.residualBlocks = residualBlocks
    return estimate
  }
}
