/// Computes the product of two dense matrices, (rows, terms) and (terms, columns).
///
/// Tiles of four rows and up to sixteen columns stay in registers while their terms are summed.
func multiplyMatrices(
  _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
  into result: UnsafeMutablePointer<Float>, rows: Int, terms: Int, columns: Int
) {
  var row = 0
  while row < rows {
    let height = rows - row >= 4 ? 4 : 1
    var column = 0
    while column < columns {
      let rest = columns - column
      let tile = Tile(
        left: left + row * terms, right: right + column, result: result + row * columns + column,
        terms: terms, columns: columns)
      let width = rest >= 16 ? 16 : rest >= 8 ? 8 : 1
      switch (height, width) {
      case (4, 16): tile.fourRows(SIMD16<Float>.self)
      case (4, 8): tile.fourRows(SIMD8<Float>.self)
      case (4, _): tile.scalars(rows: 4)
      case (_, 16): tile.oneRow(SIMD16<Float>.self)
      case (_, 8): tile.oneRow(SIMD8<Float>.self)
      default: tile.scalars(rows: 1)
      }
      column += width
    }
    row += height
  }
}

/// A part of a product and where its factors begin.
private struct Tile {
  let left: UnsafePointer<Float>
  let right: UnsafePointer<Float>
  let result: UnsafeMutablePointer<Float>
  let terms: Int
  let columns: Int

  @inline(__always)
  func fourRows<Vector: SIMD & BitwiseCopyable>(
    _: Vector.Type
  ) where Vector.Scalar == Float {
    var sums = (Vector.zeros, Vector.zeros, Vector.zeros, Vector.zeros)
    for term in 0..<terms {
      let factors = UnsafeRawPointer(right + term &* columns).loadUnaligned(as: Vector.self)
      let first = left + term
      sums.0.addProduct(Vector(repeating: first[0]), factors)
      sums.1.addProduct(Vector(repeating: first[terms]), factors)
      sums.2.addProduct(Vector(repeating: first[2 &* terms]), factors)
      sums.3.addProduct(Vector(repeating: first[3 &* terms]), factors)
    }
    store(sums.0, row: 0)
    store(sums.1, row: 1)
    store(sums.2, row: 2)
    store(sums.3, row: 3)
  }

  @inline(__always)
  func oneRow<Vector: SIMD & BitwiseCopyable>(
    _: Vector.Type
  ) where Vector.Scalar == Float {
    var sum = Vector.zeros
    for term in 0..<terms {
      sum.addProduct(
        Vector(repeating: left[term]),
        UnsafeRawPointer(right + term &* columns).loadUnaligned(as: Vector.self))
    }
    store(sum, row: 0)
  }

  func scalars(rows: Int) {
    for row in 0..<rows {
      var sum: Float = 0
      for term in 0..<terms {
        sum.addProduct(left[row &* terms &+ term], right[term &* columns])
      }
      result[row &* columns] = sum
    }
  }

  @inline(__always)
  private func store<Vector: BitwiseCopyable>(_ sum: Vector, row: Int) {
    UnsafeMutableRawPointer(result + row &* columns).storeBytes(of: sum, as: Vector.self)
  }
}

extension SIMD where Scalar == Float {
  @inline(__always)
  fileprivate static var zeros: Self { Self(repeating: 0) }
}
