/// The cells between the voxels of a segmentation: most have the same label at all corners.
///
/// There, no interpolation is needed; it would give that label.
struct LabelCells {
  /// Stands for cells whose corners differ; no label of a prepared case has this value.
  static let mixed = Int16.min

  /// For each voxel, the label of the cell that begins at it and extends towards higher indices, or
  /// ``mixed``.
  let codes: [Int16]

  /// - Parameters:
  ///   - labels: (z, y, x) in C order, or a stack of images when `isVolume` is false.
  ///   - size: The three extents. Beyond the last voxel along an axis, that voxel is repeated.
  ///   - isVolume: Whether cells extend to the next slice.
  init(_ labels: UnsafePointer<Int16>, size: [Int], isVolume: Bool) {
    let (height, width) = (size[1], size[2])
    let plane = height * width
    codes = Array(unsafeUninitializedCapacity: size[0] * plane) { codes, initialized in
      for z in 0..<size[0] {
        let below = isVolume && z + 1 < size[0] ? plane : 0
        for y in 0..<height {
          let row = labels + z * plane + y * width
          let next = y + 1 < height ? width : 0
          classify(
            row, row + next, row + below, row + below + next, count: width,
            into: codes.baseAddress! + z * plane + y * width)
        }
      }
      initialized = size[0] * plane
    }
  }
}

/// Writes the code of every cell between four rows.
private func classify(
  _ first: UnsafePointer<Int16>, _ second: UnsafePointer<Int16>, _ third: UnsafePointer<Int16>,
  _ fourth: UnsafePointer<Int16>, count: Int, into codes: UnsafeMutablePointer<Int16>
) {
  @inline(__always) func load(_ row: UnsafePointer<Int16>, _ x: Int) -> SIMD16<Int16> {
    UnsafeRawPointer(row + x).loadUnaligned(as: SIMD16<Int16>.self)
  }
  var x = 0
  while x &+ 17 <= count {
    let label = load(first, x)
    let below = (label ^ load(second, x)) | (label ^ load(third, x)) | (label ^ load(fourth, x))
    let right =
      (label ^ load(first, x &+ 1)) | (label ^ load(second, x &+ 1))
      | (label ^ load(third, x &+ 1)) | (label ^ load(fourth, x &+ 1))
    // All bits set if a corner differs: the sign of d | -d is set if d is not 0.
    let difference = below | right
    let mask = (difference | (0 &- difference)) &>> 15
    let code = (label & ~mask) | (mask & LabelCells.mixed)
    UnsafeMutableRawPointer(codes + x).storeBytes(of: code, as: SIMD16<Int16>.self)
    x &+= 16
  }
  while x < count {
    let (label, right) = (first[x], min(x &+ 1, count &- 1))
    let below = (label ^ second[x]) | (label ^ third[x]) | (label ^ fourth[x])
    let difference =
      below | (label ^ first[right]) | (label ^ second[right]) | (label ^ third[right])
      | (label ^ fourth[right])
    codes[x] = difference == 0 ? label : LabelCells.mixed
    x &+= 1
  }
}
