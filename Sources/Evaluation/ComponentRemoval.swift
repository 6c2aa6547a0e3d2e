package import Arrays

/// Labels that are treated as one structure, as listed in `postprocessing.json`: a number means one
/// label, a list several labels together.
package enum LabelGroup: Hashable, Sendable {
  case label(Int)
  case joint([Int])

  /// The labels of the group.
  package var labels: [Int] {
    switch self {
    case .label(let label): [label]
    case .joint(let labels): labels
    }
  }
}

extension LabelGroup: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let label = try? container.decode(Int.self) {
      self = .label(label)
    } else {
      self = .joint(try container.decode([Int].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .label(let label): try container.encode(label)
    case .joint(let labels): try container.encode(labels)
    }
  }
}

/// The result of removing components of one group of labels; volumes in mm³.
package struct RemovedComponents: Hashable, Sendable {
  package var group: LabelGroup
  /// The volume of the largest component; nil if the group does not occur.
  package var keptVolume: Double?
  /// The volume of the largest removed component; nil if none was removed.
  package var largestRemovedVolume: Double?
}

/// Sets all components of a group of labels except the largest to background.
///
/// Groups are handled in the given order, each on the result of the previous one. If several
/// components have the largest size, all of them are kept. Follows nnU-Net v1
/// (`remove_all_but_the_largest_connected_component`).
///
/// - Parameters:
///   - groups: The labels of each structure; never background.
///   - labels: The segmentation, `(z, y, x)`, changed in place.
///   - voxelVolume: The volume of a voxel, mm³.
///   - minimumVolumes: The volume in mm³ from which smaller components are also kept;
///     nil keeps none.
/// - Returns: What was done, in the order of the groups.
@discardableResult
package func keepLargestComponents(
  of groups: [LabelGroup], in labels: inout DenseArray<UInt8>, voxelVolume: Double,
  minimumVolumes: [LabelGroup: Double]? = nil
) -> [RemovedComponents] {
  groups.map { group in
    precondition(group.labels.allSatisfy { 1...255 ~= $0 }, "background cannot be removed")
    let isMember = (0..<256).map(group.labels.contains)
    var components = ConnectedComponents(of: labels, where: isMember)
    var removal = RemovedComponents(group: group)
    guard let largest = components.sizes.values.max() else { return removal }
    removal.keptVolume = Double(largest) * voxelVolume
    labels.scalars.withUnsafeMutableBufferPointer { labels in
      components.forEachRun { voxels, size in
        let volume = Double(size) * voxelVolume
        guard size < largest, volume < minimumVolumes?[group] ?? .infinity else { return }
        labels[voxels].update(repeating: 0)
        removal.largestRemovedVolume = max(removal.largestRemovedVolume ?? 0, volume)
      }
    }
    return removal
  }
}
