package import Arrays
import HostSystem

/// The connected parts of a set of voxels that share faces (6-connectivity).
///
/// The voxels are kept as runs along the last axis, so that a label map of 50 million voxels needs
/// a few megabytes: runs that touch are joined with a union-find (Tarjan 1975; run-based labelling
/// after He, Chao and Suzuki 2008).
package struct ConnectedComponents: Sendable {
  /// Voxels that follow each other along the last axis.
  struct Run {
    /// Index of the first voxel in the array.
    var start: Int
    var count: Int
    /// Another run of the same component; a root names itself.
    var parent: Int
  }

  private(set) var runs: [Run] = []
  /// The number of voxels of each component, keyed by its root run.
  private(set) var sizes: [Int: Int] = [:]

  /// Finds the components of the voxels whose label is marked.
  ///
  /// - Parameters:
  ///   - labels: `(z, y, x)`.
  ///   - isMember: 256 flags, one per label.
  init(of labels: DenseArray<UInt8>, where isMember: [Bool]) {
    precondition(labels.rank == 3 && isMember.count == 256)
    let (depth, height, width) = (labels.shape[0], labels.shape[1], labels.shape[2])
    // The first run of each row of the slice before and of this slice, and an end mark.
    var before = Array(repeating: 0, count: height + 1)
    for z in 0..<depth {
      var rows = [runs.count]
      for y in 0..<height {
        appendRuns(of: labels, from: (z * height + y) * width, count: width, where: isMember)
        rows.append(runs.count)
        if y > 0 { joinRows(rows[y - 1]..<rows[y], rows[y]..<rows[y + 1], distance: width) }
        if z > 0 {
          joinRows(before[y]..<before[y + 1], rows[y]..<rows[y + 1], distance: width * height)
        }
      }
      before = rows
    }
    for index in runs.indices { sizes[root(of: index), default: 0] += runs[index].count }
  }

  /// Finds the components of one label.
  package init(of labels: DenseArray<UInt8>, label: UInt8) {
    self.init(of: labels, where: (0..<256).map { $0 == Int(label) })
  }

  /// The number of voxels of each component, largest first.
  package var voxelCounts: [Int] { sizes.values.sorted(by: >) }

  /// Calls `body` with the voxels' indices, run by run, and the size of the run's component.
  mutating func forEachRun(_ body: (_ voxels: Range<Int>, _ size: Int) -> Void) {
    for index in runs.indices {
      let run = runs[index]
      body(run.start..<run.start + run.count, sizes[root(of: index)] ?? 0)
    }
  }

  private mutating func appendRuns(
    of labels: DenseArray<UInt8>, from start: Int, count: Int, where isMember: [Bool]
  ) {
    labels.scalars.withUnsafeBufferPointer { labels in
      isMember.withUnsafeBufferPointer { isMember in
        var position = start
        let end = start &+ count
        while position < end {
          while position < end, !isMember[Int(labels[position])] { position &+= 1 }
          let first = position
          while position < end, isMember[Int(labels[position])] { position &+= 1 }
          if position > first {
            runs.append(Run(start: first, count: position - first, parent: runs.count))
          }
        }
      }
    }
  }

  /// Joins the runs of two adjacent rows, `distance` voxels apart in the array.
  private mutating func joinRows(_ first: Range<Int>, _ second: Range<Int>, distance: Int) {
    var (left, right) = (first.lowerBound, second.lowerBound)
    while left < first.upperBound, right < second.upperBound {
      let leftStart = runs[left].start + distance
      let (leftEnd, rightStart) = (leftStart + runs[left].count, runs[right].start)
      let rightEnd = rightStart + runs[right].count
      if leftStart < rightEnd, rightStart < leftEnd { join(left, right) }
      if leftEnd < rightEnd { left += 1 } else { right += 1 }
    }
  }

  private mutating func join(_ first: Int, _ second: Int) {
    let (first, second) = (root(of: first), root(of: second))
    runs[max(first, second)].parent = min(first, second)
  }

  /// The root of a run's component; halves the path on the way.
  private mutating func root(of run: Int) -> Int {
    var run = run
    while runs[run].parent != run {
      runs[run].parent = runs[runs[run].parent].parent
      run = runs[run].parent
    }
    return run
  }
}
