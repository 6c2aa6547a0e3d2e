import Arrays
import JSON
import Plans
import TestSupport
import Testing

@testable import Evaluation

@Suite struct ConnectedComponentsTests {
  @Test(arguments: ["fg", "per_class", "fg_then_class", "min_size"])
  func removalEqualsNNUNet(_ name: String) throws {
    let manifest = try JSONFile.read(
      [String: Removal].self, from: fixtureURL("components/manifest.json"))
    let expected = try #require(manifest[name])
    var labels = try NPYFile.read(fixtureURL("components/label.npy"), as: UInt8.self)
    let removals = keepLargestComponents(
      of: expected.groups, in: &labels, voxelVolume: expected.voxelVolume,
      minimumVolumes: expected.minimumVolumes)
    #expect(labels == (try NPYFile.read(fixtureURL("components/\(name).npy"), as: UInt8.self)))
    for removal in removals {
      let key = Removal.key(removal.group)
      #expect(removal.keptVolume == expected.kept[key])
      #expect(removal.largestRemovedVolume == expected.largestRemoved[key])
    }
  }

  /// The manifest's entry for one call.
  struct Removal: Decodable {
    var groups: [LabelGroup]
    var minimum: [String: Double]?
    var voxelVolume: Double
    var largestRemoved: [String: Double]
    var kept: [String: Double]

    enum CodingKeys: String, CodingKey {
      case groups = "for_which_classes"
      case minimum = "min_valid"
      case voxelVolume = "volume_per_voxel"
      case largestRemoved = "largest_removed"
      case kept
    }

    var minimumVolumes: [LabelGroup: Double]? {
      minimum.map { minimum in
        Dictionary(uniqueKeysWithValues: groups.map { ($0, minimum[Self.key($0)] ?? 0) })
      }
    }

    /// A group in Python's format.
    static func key(_ group: LabelGroup) -> String {
      switch group {
      case .label(let label): "\(label)"
      case .joint(let labels): "(\(labels.map(String.init).joined(separator: ", ")))"
      }
    }
  }

  @Test func componentsEqualAFloodFill() {
    var random = StreamRandom(seed: 3, stream: 1)
    for density in [0.05, 0.3, 0.5, 0.8] {
      let shape = [9, 11, 13]
      let labels = DenseArray(
        shape: shape,
        scalars: (0..<shape.reduce(1, *)).map { _ in
          Double.random(in: 0..<1, using: &random) < density ? UInt8(1) : 0
        })
      #expect(
        ConnectedComponents(of: labels, label: 1).voxelCounts == floodSizes(labels).sorted(by: >))
    }
  }

  @Test func allComponentsOfTheLargestSizeStay() {
    var labels = DenseArray<UInt8>(shape: [1, 1, 9], scalars: [1, 1, 0, 1, 1, 0, 1, 0, 2])
    let removals = keepLargestComponents(of: [.label(1)], in: &labels, voxelVolume: 2)
    #expect(labels.scalars == [1, 1, 0, 1, 1, 0, 0, 0, 2])
    #expect(removals[0].keptVolume == 4)
    #expect(removals[0].largestRemovedVolume == 2)
  }

  @Test func diagonalNeighboursAreApart() {
    let labels = DenseArray<UInt8>(shape: [2, 2, 2], scalars: [1, 0, 0, 1, 0, 1, 1, 0])
    #expect(ConnectedComponents(of: labels, label: 1).voxelCounts == [1, 1, 1, 1])
  }

  @Test func absentLabelChangesNothing() {
    var labels = DenseArray<UInt8>(shape: [1, 1, 3], scalars: [1, 0, 1])
    let removals = keepLargestComponents(of: [.label(2)], in: &labels, voxelVolume: 1)
    #expect(labels.scalars == [1, 0, 1])
    #expect(removals == [RemovedComponents(group: .label(2))])
  }

  private func floodSizes(_ labels: DenseArray<UInt8>) -> [Int] {
    let (depth, height, width) = (labels.shape[0], labels.shape[1], labels.shape[2])
    var open = labels.scalars
    var sizes: [Int] = []
    for seed in open.indices where open[seed] == 1 {
      var (stack, size) = ([seed], 0)
      open[seed] = 0
      while let voxel = stack.popLast() {
        size += 1
        let (z, y, x) = (voxel / (height * width), voxel / width % height, voxel % width)
        for (nz, ny, nx) in [
          (z - 1, y, x), (z + 1, y, x), (z, y - 1, x), (z, y + 1, x), (z, y, x - 1), (z, y, x + 1),
        ] where 0..<depth ~= nz && 0..<height ~= ny && 0..<width ~= nx {
          let neighbour = (nz * height + ny) * width + nx
          guard open[neighbour] == 1 else { continue }
          open[neighbour] = 0
          stack.append(neighbour)
        }
      }
      sizes.append(size)
    }
    return sizes
  }
}
