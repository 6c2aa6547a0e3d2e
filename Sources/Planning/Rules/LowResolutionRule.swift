import HostSystem
public import Plans

/// Decides whether a dataset also gets a low resolution stage, and chooses its spacing.
///
/// If the patch of the full resolution network covers only a small part of a case, a network on
/// coarser voxels sees enough context; the cascade then refines its result.
public struct LowResolutionRule: Hashable, Sendable {
  /// The stage exists if the median case has at least this many times the patch's voxels, and it is
  /// coarsened until it has at most this many times.
  package var caseToPatchRatio = 4.0
  /// The factor by which a spacing grows in each step.
  package var growth = 1.01
  /// Axes that are finer than the coarsest by more than this factor grow first.
  package var likenessFactor = 2.0
  /// The required minimum ratio of the full resolution's voxels to the low resolution's.
  package var leastReduction = 2

  /// Creates nnU-Net's rule: a stage is added if the median case has at least four times the
  /// patch's voxels.
  public init() {}

  /// Plans the low resolution stage.
  ///
  /// - Parameters:
  ///   - targetSpacing: The full resolution's spacing, mm, z, y, x.
  ///   - medianSize: The median size of the cases at that spacing, voxels (not rounded), z, y, x.
  ///   - fullResolution: The full resolution stage.
  ///   - stage: Plans a stage for a spacing, mm, z, y, x.
  /// - Returns: The stage, or nil if the full resolution is enough.
  public func callAsFunction(
    targetSpacing: [Double], medianSize: [Double], fullResolution: StagePlan,
    stage: (_ spacing: [Double]) -> StagePlan
  ) -> StagePlan? {
    var patchVoxels = Double(fullResolution.patchSize.trustedProduct)
    var voxels = medianSize.reduce(1.0, *)
    guard voxels / patchVoxels >= caseToPatchRatio else { return nil }
    var spacing = targetSpacing
    var candidate: StagePlan?
    while voxels > caseToPatchRatio * patchVoxels {
      spacing = coarsened(spacing)
      voxels = zip(zip(targetSpacing, spacing).map(/), medianSize).map(*).reduce(1.0, *)
      let plan = stage(spacing)
      patchVoxels = Double(plan.patchSize.trustedProduct)
      candidate = plan
    }
    guard let candidate,
      leastReduction * candidate.medianSize.trustedProduct
        < fullResolution.medianSize.trustedProduct
    else { return nil }
    return candidate
  }

  private func coarsened(_ spacing: [Double]) -> [Double] {
    let coarsest = spacing.max()!  // lint: three axes
    let isFine = spacing.map { coarsest / $0 > likenessFactor }
    let growsAll = !isFine.contains(true)
    return zip(spacing, isFine).map { growsAll || $1 ? $0 * growth : $0 }
  }
}
