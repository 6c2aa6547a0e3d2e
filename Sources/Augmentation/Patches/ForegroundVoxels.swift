package import Arrays
import HostSystem

/// Where a case has voxels of each foreground class: the sampled locations of preprocessing.
package struct ForegroundVoxels: Sendable, Equatable {
  /// The classes (labels above 0) that have at least one voxel, ascending.
  package let classes: [Int]
  /// Per class of ``classes``, its voxels (z, y, x), by ascending slice.
  private let voxels: [[SIMD3<Int32>]]
  /// For each class, the slices that contain a voxel and the positions of these voxels.
  private let slices: [[(z: Int, range: Range<Int>)]]

  /// Takes rows of class, z, y, x in any order; rows with a class of 0 or less are ignored.
  package init(rows: DenseArray<Int32>) {
    precondition(rows.rank == 2 && rows.shape[1] == 4, "\(rows.shape) is not (voxels, 4)")
    var voxels: [Int: [SIMD3<Int32>]] = [:]
    for start in stride(from: 0, to: rows.count, by: 4) where rows.scalars[start] > 0 {
      voxels[Int(rows.scalars[start]), default: []].append(
        SIMD3(rows.scalars[start + 1], rows.scalars[start + 2], rows.scalars[start + 3]))
    }
    self.init(voxels)
  }

  /// Takes arrays `(voxels, 3)` of z, y, x per class.
  package init(_ voxels: [Int: DenseArray<Int32>]) {
    self.init(
      voxels.mapValues { array in
        precondition(array.rank == 2 && array.shape[1] == 3, "\(array.shape) is not (voxels, 3)")
        return stride(from: 0, to: array.count, by: 3).map {
          SIMD3(array.scalars[$0], array.scalars[$0 + 1], array.scalars[$0 + 2])
        }
      })
  }

  private init(_ voxels: [Int: [SIMD3<Int32>]]) {
    let filled = voxels.filter { $0 > 0 && !$1.isEmpty }
    classes = filled.keys.sorted()
    self.voxels = classes.map { label in
      // A stable order makes draws independent of the sorting algorithm.
      (filled[label] ?? []).enumerated()
        .sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }.map(\.element)
    }
    slices = self.voxels.map { voxels in
      var slices: [(z: Int, range: Range<Int>)] = []
      for (position, voxel) in voxels.enumerated() {
        if slices.last?.z == Int(voxel.x) {
          slices[slices.count - 1].range = slices[slices.count - 1].range.lowerBound..<position + 1
        } else {
          slices.append((Int(voxel.x), position..<position + 1))
        }
      }
      return slices
    }
  }

  package static func == (left: ForegroundVoxels, right: ForegroundVoxels) -> Bool {
    left.classes == right.classes && left.voxels == right.voxels
  }

  /// Draws a class, then a voxel of it; all classes and all its voxels are equally likely.
  func drawVoxel(using generator: inout some RandomNumberGenerator) -> (label: Int, voxel: [Int])? {
    guard !classes.isEmpty else { return nil }
    let position = generator.integer(in: classes.indices)
    let candidates = voxels[position]
    let voxel = candidates[generator.integer(in: candidates.indices)]
    return (classes[position], [Int(voxel.x), Int(voxel.y), Int(voxel.z)])
  }

  /// Draws a class, then one of the slices that contain it, then one of its voxels in that slice.
  func drawVoxelBySlice(
    using generator: inout some RandomNumberGenerator
  ) -> (label: Int, voxel: [Int])? {
    guard !classes.isEmpty else { return nil }
    let position = generator.integer(in: classes.indices)
    let slice = slices[position][generator.integer(in: slices[position].indices)]
    let voxel = voxels[position][generator.integer(in: slice.range)]
    return (classes[position], [Int(voxel.x), Int(voxel.y), Int(voxel.z)])
  }
}
