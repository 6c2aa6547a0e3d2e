/// The four kinds of network that nnU-Net trains, by the names that users type.
public enum Configuration: String, Codable, Hashable, Sendable, CaseIterable {
  /// A 2D network, which segments slice by slice.
  case twoD = "2d"
  /// A 3D network on coarser voxels, the first one of a cascade.
  case lowResolution = "3d_lowres"
  /// A 3D network at the target spacing.
  case fullResolution = "3d_fullres"
  /// The second network of a cascade, which refines what the low resolution found.
  case cascade = "3d_cascade_fullres"

  /// The names of all configurations, for messages.
  package static var list: String {
    let names = allCases.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + names.suffix(1).map { " or " + $0 }.joined()
  }

  /// The number of spatial axes of the network.
  package var spatialRank: Int { self == .twoD ? 2 : 3 }

  /// The end of the plans file's name: `_plans_2D.json` or `_plans_3D.json`.
  package var plansSuffix: String { self == .twoD ? "_plans_2D.json" : "_plans_3D.json" }

  /// The key of this configuration's stage in plans with `stageCount` stages; nil if the plans have
  /// no such network (no cascade in a one-stage plan).
  public func stage(ofStages stageCount: Int) -> Int? {
    switch self {
    case .twoD: 0
    case .fullResolution: stageCount - 1
    case .lowResolution: stageCount > 1 ? 0 : nil
    case .cascade: stageCount > 1 ? stageCount - 1 : nil
    }
  }
}
