extension Geometry {
  /// The assumed ratio of the distance between slices to the spacing in the plane for flat images.
  private static let flatRatio = 999.0

  /// The geometry of a flat image, which has no third axis.
  ///
  /// Its spacing along z is 999 times the larger one in the plane, as in nnU-Net v2, so that
  /// nothing is ever resampled across slices.
  ///
  /// - Parameters:
  ///   - spacing: Along x and y, mm.
  ///   - origin: Along x and y, mm.
  ///   - direction: The 2×2 direction matrix, row-major.
  init(
    flat spacing: [Double], origin: [Double] = [0, 0], direction: [Double] = [1, 0, 0, 1]
  ) {
    self.init(
      spacing: spacing + [Self.flatRatio * max(spacing[0], spacing[1])], origin: origin + [0],
      direction: [direction[0], direction[1], 0, direction[2], direction[3], 0, 0, 0, 1])
  }

  /// Whether an image of one slice with this geometry was flat, and not a stack of one slice.
  var isFlat: Bool { spacing[2] >= Self.flatRatio * max(spacing[0], spacing[1]) }

  /// The geometry of an image, by ITK's interpretation of a file.
  ///
  /// There are two or three axes; `axes` are their directions, and nil leaves them unrotated. An
  /// axis with negative spacing is reversed. Nil if a number is not finite, a spacing is 0 or the
  /// axes lie in one plane.
  init?(spacing: [Double], origin: [Double], axes: [[Double]]?) {
    let rank = spacing.count
    precondition(rank == 2 || rank == 3, "an image has two or three axes")
    var direction = [Double](repeating: 0, count: rank * rank)
    for column in 0..<rank {
      let sign: Double = spacing[column] < 0 ? -1 : 1
      for row in 0..<rank {
        direction[row * rank + column] =
          sign * (axes.map { $0[column][row] } ?? (row == column ? 1 : 0))
      }
    }
    guard spacing.allSatisfy({ $0 != 0 && $0.isFinite }), origin.allSatisfy(\.isFinite),
      direction.allSatisfy(\.isFinite), Self.determinant(direction, rank) != 0
    else { return nil }
    if rank == 2 {
      self.init(flat: spacing.map { abs($0) }, origin: origin, direction: direction)
    } else {
      self.init(spacing: spacing.map { abs($0) }, origin: origin, direction: direction)
    }
  }

  private static func determinant(_ m: [Double], _ rank: Int) -> Double {
    guard rank == 3 else { return m[0] * m[3] - m[1] * m[2] }
    return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6])
      + m[2] * (m[3] * m[7] - m[4] * m[6])
  }
}
