/// A volume of zeros and ones, and the four basic operations of morphology on it.
///
/// Beyond the border, nothing dilates and nothing erodes. Source: scikit-image, `binary_dilation`,
/// `binary_erosion`, `binary_closing`, `binary_opening`.
struct BinaryMask: Equatable {
  /// The extents (z, y, x).
  let size: [Int]
  /// 0 or 1 per voxel.
  var voxels: [UInt8]

  func dilated(by element: StructuringElement) -> BinaryMask {
    var result = BinaryMask(size: size, voxels: Array(repeating: 0, count: voxels.count))
    let byExtent = Dictionary(grouping: element.runs, by: \.x)
    for (extent, runs) in byExtent {
      let spread = spreadAlongRows(extent)
      for run in runs { result.merge(spread, shiftedBy: (run.z, run.y)) }
    }
    return result
  }

  func eroded(by element: StructuringElement) -> BinaryMask {
    inverted.dilated(by: element.reflected).inverted
  }

  func closed(by element: StructuringElement) -> BinaryMask {
    dilated(by: element).eroded(by: element)
  }

  func opened(by element: StructuringElement) -> BinaryMask {
    eroded(by: element).dilated(by: element)
  }

  private var inverted: BinaryMask {
    BinaryMask(size: size, voxels: voxels.map { 1 - $0 })
  }

  /// Sets every voxel that has a one at one of the negative offsets.
  private func spreadAlongRows(_ offsets: ClosedRange<Int>) -> BinaryMask {
    var result = BinaryMask(size: size, voxels: Array(repeating: 0, count: voxels.count))
    let width = size[2]
    voxels.withUnsafeBufferPointer { source in
      result.voxels.withUnsafeMutableBufferPointer { target in
        for row in stride(from: 0, to: source.count, by: width) {
          var x = 0
          while x < width {
            guard source[row + x] != 0 else {
              x += 1
              continue
            }
            // Runs of ones grow at both ends.
            let first = x
            while x < width && source[row + x] != 0 { x += 1 }
            let (low, high) = (first + offsets.lowerBound, x - 1 + offsets.upperBound)
            for position in max(low, 0)..<max(min(high + 1, width), max(low, 0)) {
              target[row + position] = 1
            }
          }
        }
      }
    }
    return result
  }

  /// Sets the voxels that are set in another mask, moved by slices and rows.
  private mutating func merge(_ other: BinaryMask, shiftedBy offset: (z: Int, y: Int)) {
    let (depth, height, width) = (size[0], size[1], size[2])
    let slices = max(0, offset.z)..<max(min(depth, depth + offset.z), max(0, offset.z))
    let rows = max(0, offset.y)..<max(min(height, height + offset.y), max(0, offset.y))
    // The valid rows of a slice are contiguous.
    let count = rows.count * width
    other.voxels.withUnsafeBufferPointer { source in
      voxels.withUnsafeMutableBufferPointer { target in
        for z in slices {
          let to = target.baseAddress! + (z * height + rows.lowerBound) * width
          let from =
            source.baseAddress! + ((z - offset.z) * height + rows.lowerBound - offset.y) * width
          for index in 0..<count { to[index] |= from[index] }
        }
      }
    }
  }
}
