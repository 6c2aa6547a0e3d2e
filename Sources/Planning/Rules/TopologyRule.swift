/// The pooling and the kernels of a U-Net for a patch size.
public struct NetworkTopology: Hashable, Sendable {
  /// The number of poolings along each axis.
  package var poolCounts: [Int]
  /// The stride of each pooling level, highest resolution first.
  public var poolStrides: [[Int]]
  /// The kernel of each level and of the bottleneck.
  package var convolutionKernels: [[Int]]
  /// The patch, enlarged to a multiple of ``divisor``.
  package var patchSize: [Int]

  /// The divisor of the patch: the product of the strides along each axis.
  public var divisor: [Int] { poolCounts.map { 1 << $0 } }
}

/// Chooses pooling and kernels by the spacing: axes are pooled while they are fine and long enough,
/// and convolutions span the axes with similar spacings.
package struct TopologyRule: Hashable, Sendable {
  /// The shortest edge of the feature maps in the bottleneck, voxels.
  package var shortestEdge = 4
  /// The largest number of poolings along an axis.
  package var mostPoolings = 999
  /// Axes count as similar if their spacings differ by less than this factor.
  package var likenessFactor = 2.0
  /// Which axes are pooled in which level.
  package var pooling = Pooling.bySpacing

  /// Whether kernels are 3 along all axes, however coarse they are.
  package var hasFullKernels = false

  /// The order of the poolings.
  package enum Pooling: Hashable, Sendable {
    /// Fine axes first, until all spacings are similar.
    case bySpacing
    /// As long as the axis is long enough; axes with fewer poolings only in the last levels.
    case late
  }

  package init() {}

  /// The rule of nnU-Net's first planners.
  package static var latePooling: TopologyRule {
    var rule = TopologyRule()
    rule.pooling = .late
    return rule
  }

  /// The topology for a spacing (mm) and a patch size (voxels) with equally many axes.
  ///
  /// As in nnU-Net v1, the finest spacing is that of all axes, so that a fine axis at its shortest
  /// edge prevents the pooling of coarser ones; and the kernel of the round that ends the search is
  /// discarded.
  package func callAsFunction(spacing: [Double], patchSize: [Int]) -> NetworkTopology {
    if pooling == .late { return lateTopology(spacing: spacing, patchSize: patchSize) }
    var spacing = spacing
    var size = patchSize
    var poolCounts = patchSize.map { _ in 0 }
    var strides: [[Int]] = []
    var kernels: [[Int]] = []
    while true {
      let pooled = pooledAxes(spacing, size, poolCounts)
      guard !pooled.isEmpty else { break }
      kernels.append(kernel(spacing))
      strides.append(size.indices.map { pooled.contains($0) ? 2 : 1 })
      for axis in pooled {
        poolCounts[axis] += 1
        spacing[axis] *= 2
        size[axis] = (size[axis] + 1) / 2
      }
    }
    kernels.append(patchSize.map { _ in 3 })
    if hasFullKernels { kernels = kernels.map { $0.map { _ in 3 } } }
    return NetworkTopology(
      poolCounts: poolCounts, poolStrides: strides, convolutionKernels: kernels,
      patchSize: padded(patchSize, poolCounts))
  }

  private func padded(_ patchSize: [Int], _ poolCounts: [Int]) -> [Int] {
    zip(patchSize, poolCounts).map { size, count in
      let divisor = 1 << count
      return (size + divisor - 1) / divisor * divisor
    }
  }

  /// Poolings only by the length of the axes; kernels of 1 along axes that are still coarse.
  private func lateTopology(spacing: [Double], patchSize: [Int]) -> NetworkTopology {
    let poolCounts = patchSize.map { size in
      var count = 0
      while count < mostPoolings, size >= shortestEdge << (count + 1) { count += 1 }
      return count
    }
    let levels = poolCounts.max() ?? 0
    let reach = spacing.max()!  // lint: three axes
    var spacing = spacing
    var strides: [[Int]] = []
    var kernels: [[Int]] = []
    for level in 0..<levels {
      let isReached = spacing.map { $0 / reach > 0.5 }
      let allReached = !isReached.contains(false)
      kernels.append(isReached.map { allReached || !$0 ? 3 : 1 })
      strides.append(poolCounts.map { $0 + level >= levels ? 2 : 1 })
      spacing = zip(spacing, strides[level]).map { $0 * Double($1) }
    }
    kernels.append(patchSize.map { _ in 3 })
    if hasFullKernels { kernels = kernels.map { $0.map { _ in 3 } } }
    return NetworkTopology(
      poolCounts: poolCounts, poolStrides: strides, convolutionKernels: kernels,
      patchSize: padded(patchSize, poolCounts))
  }

  private func pooledAxes(_ spacing: [Double], _ size: [Int], _ poolCounts: [Int]) -> [Int] {
    let finest = spacing.min()!  // lint: three axes
    return spacing.indices.filter { axis in
      spacing[axis] / finest < likenessFactor && size[axis] >= 2 * shortestEdge
        && poolCounts[axis] < mostPoolings
    }
  }

  /// 3 along the largest set of similar axes (the first of equally large ones), otherwise 1.
  private func kernel(_ spacing: [Double]) -> [Int] {
    var largest: [Int] = []
    for axis in spacing.indices {
      let partners = spacing.indices.filter { other in
        spacing[other] / spacing[axis] < likenessFactor
          && spacing[axis] / spacing[other] < likenessFactor
      }
      if partners.count > largest.count { largest = partners }
    }
    return spacing.indices.map { largest.contains($0) ? 3 : 1 }
  }
}
