extension [Int] {
  /// The order that undoes an order of axes: element `a` is the place of `a`.
  ///
  /// - Precondition: The elements are 0, 1, 2, …, each once.
  package var inversePermutation: [Int] {
    var inverse = [Int](repeating: 0, count: count)
    for (place, axis) in enumerated() { inverse[axis] = place }
    return inverse
  }
}

extension DenseArray {
  /// Reorders the axes: axis `a` of the result is axis `axes[a]` of this array (numpy's transpose).
  @inlinable
  package func transposed(_ axes: [Int]) -> DenseArray {
    precondition(axes.sorted() == Array(0..<rank), "\(axes) is no permutation of \(rank) axes")
    guard axes != Array(0..<rank) else { return self }
    let resultShape = axes.map { shape[$0] }
    guard count > 0 else { return reshaped(to: resultShape) }
    let sourceStrides = axes.map { strides[$0] }
    let walk = TransposedWalk(shape: resultShape, sourceStrides: sourceStrides)
    return DenseArray(shape: resultShape) { target in
      scalars.withUnsafeBufferPointer { source in
        let (source, target) = (source.baseAddress!, target.baseAddress!)
        walk.forEachPlane { from, into in
          if walk.rowsAreContiguous {
            (target + into).initialize(from: source + from, count: walk.width)
          } else {
            Self.copyTransposed(source + from, into: target + into, walk)
          }
        }
      }
    }
  }

  /// Copies a plane whose columns are contiguous in the source and whose rows are in the target, in
  /// tiles that use whole cache lines on both sides.
  @inlinable
  static func copyTransposed(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
    _ walk: TransposedWalk
  ) {
    let tile = 32
    for row in stride(from: 0, to: walk.height, by: tile) {
      let rows = row..<min(row + tile, walk.height)
      for column in stride(from: 0, to: walk.width, by: tile) {
        let columns = column..<min(column + tile, walk.width)
        for y in rows {
          let line = target + y &* walk.rowStride
          let from = source + y
          for x in columns {
            (line + x).initialize(to: from[x &* walk.columnStride])
          }
        }
      }
    }
  }
}

/// The planes in which an array is transposed.
///
/// A plane has the result's last axis as columns and, as rows, the axis of the result along which
/// the source is contiguous. If that is the last axis itself, a plane is a single row.
@usableFromInline
struct TransposedWalk {
  /// The extent of the last axis.
  @usableFromInline let width: Int
  /// The extent of the axis along which the source is contiguous.
  @usableFromInline let height: Int
  /// The distance of columns in the source.
  @usableFromInline let columnStride: Int
  /// The distance of rows in the target.
  @usableFromInline let rowStride: Int
  /// Whether rows are contiguous in the source, too.
  @usableFromInline let rowsAreContiguous: Bool
  private let outer: [(extent: Int, source: Int, target: Int)]

  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - sourceStrides: The source's stride along each of the result's axes.
  @usableFromInline
  init(shape: [Int], sourceStrides: [Int]) {
    let last = shape.count - 1
    var targetStrides = shape.map { _ in 1 }
    for axis in (0..<last).reversed() {
      targetStrides[axis] = targetStrides[axis + 1] * shape[axis + 1]
    }
    // Axes of one voxel may also have a stride of one; the contiguous axis is the longest of them.
    let contiguous = shape.indices.filter { sourceStrides[$0] == 1 }
      .max { shape[$0] < shape[$1] }
    let unit = contiguous ?? last
    width = shape[last]
    rowsAreContiguous = unit == last || shape[last] == 1 && sourceStrides[last] == 1
    height = rowsAreContiguous ? 1 : shape[unit]
    columnStride = sourceStrides[last]
    rowStride = targetStrides[unit]
    let inPlane = rowsAreContiguous ? [last] : [last, unit]
    outer = shape.indices.filter { !inPlane.contains($0) }
      .map { (shape[$0], sourceStrides[$0], targetStrides[$0]) }
  }

  /// Calls `body` with the source and target offset of every plane.
  @usableFromInline
  func forEachPlane(_ body: (Int, Int) -> Void) {
    var index = outer.map { _ in 0 }
    var (from, into) = (0, 0)
    while true {
      body(from, into)
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += outer[axis].source
        into += outer[axis].target
        if index[axis] < outer[axis].extent { break }
        from -= outer[axis].source * outer[axis].extent
        into -= outer[axis].target * outer[axis].extent
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
