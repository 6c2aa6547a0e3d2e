/// The exact Euclidean distance transform of a box, one axis after the other.
///
/// After Felzenszwalb and Huttenlocher (Distance Transforms of Sampled Functions, 2012): along each
/// line the result is the lower envelope of parabolas, one at each voxel whose distance is known.
struct DistanceTransform {
  /// z, y, x.
  private let shape: [Int]
  private let spacing: [Float]
  /// The voxels whose parabolas form the envelope, and where each of them becomes the lowest.
  private var vertices: [Int]
  private var starts: [Float]
  private var line: [Float]

  init(shape: [Int], spacing: [Double]) {
    self.shape = shape
    self.spacing = spacing.map { Float($0) }
    let longest = shape.max() ?? 0
    vertices = Array(repeating: 0, count: longest)
    starts = Array(repeating: 0, count: longest)
    line = Array(repeating: 0, count: longest)
  }

  /// Replaces 0 and infinity with the squared distance in mm² to the nearest 0.
  ///
  /// - Parameters:
  ///   - squares: `(z, y, x)`, with 0 where distances begin and infinity elsewhere.
  ///   - queries: The indices whose distances are needed; others may remain infinite.
  mutating func run(_ squares: inout [Float], queries: [Int]) {
    let (height, width) = (shape[1], shape[2])
    // Only columns with a query need the last pass, which is the most expensive for the caches.
    var isWanted = [Bool](repeating: false, count: height * width)
    for query in queries { isWanted[query % (height * width)] = true }
    let isColumnWanted = isWanted
    squares.withUnsafeMutableBufferPointer { squares in
      for row in 0..<shape[0] * height {
        sweep(UnsafeMutableBufferPointer(rebasing: squares[row * width..<(row + 1) * width]))
      }
      for plane in 0..<shape[0] {
        for x in 0..<width {
          envelope(squares, from: plane * height * width + x, step: width, axis: 1)
        }
      }
      for column in 0..<height * width where isColumnWanted[column] {
        envelope(squares, from: column, step: height * width, axis: 0)
      }
    }
  }

  /// The first axis: the distance to the nearest 0 on either side.
  private func sweep(_ row: UnsafeMutableBufferPointer<Float>) {
    var steps = Float.infinity
    for x in row.indices {
      steps = row[x] == 0 ? 0 : steps + 1
      row[x] = steps
    }
    steps = .infinity
    for x in row.indices.reversed() {
      steps = row[x] == 0 ? 0 : steps + 1
      let distance = min(row[x], steps) * spacing[2]
      row[x] = distance * distance
    }
  }

  /// Another axis: the lowest of the parabolas above a line.
  private mutating func envelope(
    _ squares: UnsafeMutableBufferPointer<Float>, from first: Int, step: Int, axis: Int
  ) {
    let (count, width) = (shape[axis], spacing[axis])
    var last = -1
    for index in 0..<count {
      let value = squares[first &+ index &* step]
      line[index] = value
      guard value < .infinity else { continue }
      var start = -Float.infinity
      while last >= 0 {
        start = meeting(of: vertices[last], and: index, width: width)
        guard start <= starts[last] else { break }
        last &-= 1
        start = -.infinity
      }
      last &+= 1
      vertices[last] = index
      starts[last] = start
    }
    guard last >= 0 else { return }
    var current = 0
    for index in 0..<count {
      while current < last, starts[current &+ 1] < Float(index) { current &+= 1 }
      let distance = Float(index &- vertices[current]) * width
      squares[first &+ index &* step] = distance * distance + line[vertices[current]]
    }
  }

  /// Where the parabolas of two voxels intersect, in voxels.
  private func meeting(of first: Int, and second: Int, width: Float) -> Float {
    let (left, right) = (Float(first), Float(second))
    let rise = (line[second] - line[first]) / (width * width)
    return (left + right + rise / (right - left)) / 2
  }
}
