import Arrays
import HostSystem

/// The background of a mask as runs along x, joined to regions that share faces.
struct BackgroundRuns {
  private struct Run {
    var start: Int32
    var end: Int32
    var parent: Int32
    var touchesBorder: Bool
  }

  private let shape: [Int]
  private var runs: [Run] = []
  /// The first run of each row, followed by the number of runs.
  private var rowStarts: [Int32]

  /// Finds the runs of false.
  ///
  /// - Parameter mask: `(z, y, x)`.
  init(of mask: DenseArray<Bool>) {
    shape = mask.shape
    let (depth, height, width) = (shape[0], shape[1], shape[2])
    rowStarts = []
    rowStarts.reserveCapacity(depth * height + 1)
    mask.scalars.withUnsafeBufferPointer { voxels in
      for row in 0..<depth * height {
        rowStarts.append(Int32(runs.count))
        let (z, y) = (row / height, row % height)
        let isBorder = z == 0 || z == depth - 1 || y == 0 || y == height - 1
        let line = voxels.baseAddress! + row &* width
        var x = 0
        while x < width {
          if line[x] {
            x &+= 1
            continue
          }
          let start = x
          while x < width && !line[x] { x &+= 1 }
          runs.append(
            Run(
              start: Int32(start), end: Int32(x), parent: Int32(runs.count),
              touchesBorder: isBorder || start == 0 || x == width))
        }
      }
    }
    rowStarts.append(Int32(runs.count))
  }

  /// Joins every run with those that it touches in the previous row and in the previous slice.
  mutating func connect() {
    let height = shape[1]
    for row in 0..<shape[0] * height {
      if row % height > 0 { connect(row, row - 1) }
      if row >= height { connect(row, row - height) }
    }
  }

  /// The voxels of the regions that do not touch the border, as ranges in C order.
  mutating func holes() -> [Range<Int>] {
    var holes: [Range<Int>] = []
    for row in 0..<rowStarts.count - 1 {
      for index in rowStarts[row]..<rowStarts[row + 1]
      where !runs[Int(root(of: index))].touchesBorder {
        let start = row * shape[2]
        holes.append(start + Int(runs[Int(index)].start)..<start + Int(runs[Int(index)].end))
      }
    }
    return holes
  }

  private mutating func connect(_ row: Int, _ other: Int) {
    var (a, b) = (rowStarts[row], rowStarts[other])
    let (endA, endB) = (rowStarts[row + 1], rowStarts[other + 1])
    while a < endA && b < endB {
      let (first, second) = (runs[Int(a)], runs[Int(b)])
      if first.start < second.end && second.start < first.end { join(a, b) }
      if first.end < second.end { a += 1 } else { b += 1 }
    }
  }

  private mutating func join(_ a: Int32, _ b: Int32) {
    let (first, second) = (root(of: a), root(of: b))
    guard first != second else { return }
    let (low, high) = (min(first, second), max(first, second))
    runs[Int(high)].parent = low
    if runs[Int(high)].touchesBorder { runs[Int(low)].touchesBorder = true }
  }

  private mutating func root(of index: Int32) -> Int32 {
    var index = index
    while runs[Int(index)].parent != index {
      let grandparent = runs[Int(runs[Int(index)].parent)].parent
      runs[Int(index)].parent = grandparent
      index = grandparent
    }
    return index
  }
}
