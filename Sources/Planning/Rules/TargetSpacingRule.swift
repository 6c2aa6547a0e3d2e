import Arrays
public import Plans

/// Chooses the voxel spacing that all cases are resampled to.
///
/// Uses the median over the cases along each axis. For 3D networks, an axis that is much coarser
/// and much shorter than the others gets a low percentile instead, because resampling few slices to
/// fewer leaves interpolation artifacts; it does not become finer than the others. See
/// Guides/Planning.md.
public struct TargetSpacingRule: Hashable, Sendable {
  /// The percentile of the spacings along ordinary axes, in 0...100.
  public var percentile = 50.0
  /// The percentile along a coarse axis; nil treats all axes alike, as nnU-Net's 2D planner does.
  package var coarseAxisPercentile: Double? = 10
  /// The factor by which a coarse axis is coarser and shorter than every other axis.
  package var anisotropyThreshold = 3.0
  /// How fine a coarse axis may become.
  package var coarseAxisLimit = CoarseAxisLimit.coarsestOther
  /// The requested spacing, mm, z, y, x; nil to let the dataset decide.
  public var fixed: [Double]?

  /// The finest spacing that the percentile along a coarse axis may choose.
  package enum CoarseAxisLimit: Hashable, Sendable {
    /// Not finer than the other axes.
    case coarsestOther
    /// Not finer than the other axes times the anisotropy threshold (`ExperimentPlanner3D_v22`).
    case anisotropic
    /// As fine as the percentile, and used if the axis is much shorter than the longest other one
    /// (`ExperimentPlannerTargetSpacingForAnisoAxis`).
    case none
  }

  /// Creates nnU-Net's rule for 3D networks: the median, along a coarse axis the 10th percentile.
  public init() {}

  /// A rule that always gives the same spacing, mm, z, y, x.
  public static func fixed(_ spacing: [Double]) -> TargetSpacingRule {
    var rule = TargetSpacingRule()
    rule.fixed = spacing
    return rule
  }

  /// The target spacing of a dataset, mm, z, y, x.
  ///
  /// - Precondition: The fingerprint has at least one case.
  public func callAsFunction(_ fingerprint: DatasetFingerprint) -> [Double] {
    if let fixed { return fixed }
    var target = (0..<3).map { axis in
      Arrays.percentile(fingerprint.spacings.map { $0[axis] }, percentile)
    }
    guard let coarseAxisPercentile else { return target }
    let size = (0..<3).map { axis in
      Arrays.percentile(fingerprint.sizes.map { Double($0[axis]) }, percentile)
    }
    let coarse = firstIndexOfMaximum(target)
    let others = (0..<3).filter { $0 != coarse }
    let coarsestOther = others.map { target[$0] }.max()!  // lint: two other axes
    let otherSizes = others.map { size[$0] }
    // lint: two other axes
    let otherSize = coarseAxisLimit == .none ? otherSizes.max()! : otherSizes.min()!
    guard target[coarse] > anisotropyThreshold * coarsestOther,
      size[coarse] * anisotropyThreshold < otherSize
    else { return target }
    let fine = Arrays.percentile(
      fingerprint.spacings.map { $0[coarse] }, coarseAxisPercentile)
    switch coarseAxisLimit {
    case .coarsestOther:
      // The small step ensures that this axis remains the coarsest, which determines the order of
      // the axes.
      target[coarse] = fine < coarsestOther ? coarsestOther + 1e-5 : fine
    case .anisotropic: target[coarse] = max(coarsestOther * anisotropyThreshold, fine)
    case .none: target[coarse] = fine
    }
    return target
  }
}

/// The position of the largest value, the first one of equal ones.
func firstIndexOfMaximum(_ values: [Double]) -> Int {
  values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
}
