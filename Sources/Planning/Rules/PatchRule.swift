import Arrays
import HostSystem

/// Chooses the patch: as large as the data and the memory allow, with the proportions of the data.
public struct PatchRule: Hashable, Sendable {
  /// Where the search begins.
  public var start: Start
  package var topology = TopologyRule()
  /// The axis to shrink while the memory is too large.
  package var shrinking = Shrinking.largestPart
  /// Whether the memory of the first patch is estimated before it is padded.
  package var estimatesUnpaddedStart = false

  /// The patch from which the search for a fitting one starts.
  public enum Start: Hashable, Sendable {
    /// Equally long in mm along all axes with this many voxels along the coarsest, but never larger
    /// than the median case.
    case isotropic(voxels: Double)
    /// The whole median slice (2D networks).
    case medianSlice
    /// The whole median case.
    case medianCase
  }

  /// The axis along which a patch that is too large is shrunk; the last of equal ones.
  package enum Shrinking: Hashable, Sendable {
    /// The axis along which the patch covers the largest part of the median case.
    case largestPart
    /// The longest in mm.
    case longestInMillimetres
    /// The longest axis in voxels; for a cube, the coarsest.
    case longestInVoxels
  }

  /// Creates a rule that shrinks the start along the axis where it covers most of the median case.
  public init(start: Start) { self.start = start }

  /// The topology with the largest patch whose memory is within a target.
  ///
  /// - Parameters:
  ///   - spacing: mm along the transposed axes.
  ///   - medianSize: The median case at that spacing, voxels.
  ///   - target: The memory that training may take.
  ///   - estimate: The memory estimate while the patch is being shrunk.
  ///   - firstEstimate: The memory estimate for the first patch of the search.
  /// - Returns: The topology and its memory.
  public func callAsFunction(
    spacing: [Double], medianSize: [Int], target: MemoryTarget, estimate: MemoryEstimate,
    firstEstimate: MemoryEstimate
  ) -> (topology: NetworkTopology, memory: Int) {
    let axes = start == .medianSlice ? 1..<3 : 0..<3
    let spacing = Array(spacing[axes])
    let limit = Array(medianSize[axes])
    let start = initialPatch(spacing: spacing, limit: limit)
    var network = topology(spacing: spacing, patchSize: start)
    var first = network
    if estimatesUnpaddedStart { first.patchSize = start }
    var memory = firstEstimate(first)
    while Double(memory) > target.valuesPerSample,
      let axis = axisToShrink(network.patchSize, limit, spacing)
    {
      var trial = network.patchSize
      trial[axis] -= network.divisor[axis]
      // Shrinking may remove a pooling; the step is the divisor of the smaller patch.
      let step = topology(spacing: spacing, patchSize: trial).divisor[axis]
      var smaller = network.patchSize
      smaller[axis] -= step
      network = topology(spacing: spacing, patchSize: smaller)
      memory = estimate(network)
    }
    return (network, memory)
  }

  private func initialPatch(spacing: [Double], limit: [Int]) -> [Int] {
    guard case .isotropic(let voxels) = start else { return limit }
    var patch = spacing.map { 1 / $0 }
    let mean = patch.reduce(0, +) / Double(patch.count)
    patch = patch.map { $0 / mean }
    let factor = 1 / patch.min()! * voxels  // lint: a patch has axes
    return zip(patch, limit).map { extent, most in
      Int(nearest: (extent * factor).rounded(.toNearestOrEven), within: 1...max(most, 1)) ?? most
    }
  }

  /// The axis to shrink next.
  ///
  /// An axis of a single voxel is never shrunk; nil if there is no other.
  private func axisToShrink(_ patchSize: [Int], _ limit: [Int], _ spacing: [Double]) -> Int? {
    let isCube = Set(patchSize).count == 1
    var largest: (axis: Int, extent: Double)?
    for axis in patchSize.indices where patchSize[axis] > 1 {
      let extent =
        switch shrinking {
        case .largestPart: Double(patchSize[axis]) / Double(limit[axis])
        case .longestInMillimetres: Double(patchSize[axis]) * spacing[axis]
        case .longestInVoxels: isCube ? spacing[axis] : Double(patchSize[axis])
        }
      if extent >= largest?.extent ?? -.infinity { largest = (axis, extent) }
    }
    return largest?.axis
  }
}
