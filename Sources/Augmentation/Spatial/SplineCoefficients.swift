import HostSystem

/// The coefficients of the cubic B-spline through the voxels of a box.
///
/// The image is mirrored at the centres of its border voxels, as scipy does for
/// `map_coordinates(order=3, mode='constant')`. The memory of the filter that finds the
/// coefficients fades by 0.27 per voxel (Unser, 1999, doi:10.1109/79.799930). Here it is a kernel
/// of 25 voxels, which differs from the infinite one by less than the precision of a Float. So, to
/// sample a part of the image, a part of it is enough.
struct SplineCoefficients {
  /// The margin of voxels that a box of coefficients depends on.
  static let reach = 12
  /// The coefficients that a sample needs before and after the voxel below its coordinate: one and
  /// two, and one more because coordinates are rounded to single precision.
  static let support = (before: 2, behind: 3)

  /// The coefficients, (z, y, x).
  let values: [Float]
  /// The image coordinate of the first coefficient; negative ones are beyond the border.
  let origin: [Int]
  /// The extents.
  let size: [Int]

  /// Filters the voxels of a window.
  ///
  /// - Parameters:
  ///   - voxels: The voxels of `window`, (z, y, x) in C order.
  ///   - window: The available part of the image, with three axes.
  ///   - imageSize: The extents of the image.
  ///   - box: The first coordinate (rounded down) and the last one of the samples, per axis.
  ///   - axes: The axes along which the image is a spline; along others there is one voxel or a
  ///     stack of separate images.
  init(
    _ voxels: UnsafePointer<Float>, window: PatchWindow, imageSize: [Int],
    box: [ClosedRange<Int>], axes: ClosedRange<Int>
  ) {
    var (origin, size) = (window.origin, window.size)
    for axis in axes {
      origin[axis] = box[axis].lowerBound - Self.support.before
      size[axis] = box[axis].upperBound + Self.support.behind + 1 - origin[axis]
    }
    self.origin = origin
    self.size = size
    let indices = (0..<3).map { axis in
      (origin[axis] - Self.reach..<origin[axis] + size[axis] + Self.reach).map {
        AxisBorder.mirrored.voxel(at: $0, length: imageSize[axis]) - window.origin[axis]
      }
    }
    values = Self.filter(
      voxels, window: window.size, size: size, indices: indices, alongZ: axes.contains(0))
  }

  /// The window of the image that a box of samples depends on.
  static func window(for box: [ClosedRange<Int>], imageSize: [Int]) -> PatchWindow {
    // Mirroring can reach two voxels farther than the kernel.
    let (before, behind) = (support.before + reach + 2, support.behind + reach + 2)
    let bounds = zip(box, imageSize).map { range, extent in
      max(range.lowerBound - before, 0)..<min(range.upperBound + behind + 1, extent)
    }
    return PatchWindow(origin: bounds.map(\.lowerBound), size: bounds.map(\.count))
  }

  /// The kernel: √3 zᵏ with z = √3 - 2.
  private static let kernel: SymmetricKernel = {
    let root = Double(3).squareRoot()
    let pole = root - 2
    var weights = [root]
    for _ in 0..<reach { weights.append(weights.last! * pole) }  // lint: there is one before
    return SymmetricKernel(weights: weights.map { Float($0) })
  }()

  private static func filter(
    _ voxels: UnsafePointer<Float>, window: [Int], size: [Int], indices: [[Int]], alongZ: Bool
  ) -> [Float] {
    let slice = window[1] * window[2]
    return withUnsafeTemporaryAllocation(
      of: Float.self, capacity: alongZ ? size[0] * slice : 0
    ) { stack in
      if alongZ {
        filterAlongZ(
          voxels, window: window, size: size, indices: indices[0], into: stack.baseAddress!)
      }
      let source = alongZ ? UnsafePointer(stack.baseAddress!) : voxels
      let count = size.trustedProduct
      return Array(unsafeUninitializedCapacity: count) { target, initialized in
        for z in 0..<size[0] {
          filterInPlane(
            source + z * slice, window: window, size: size, indices: indices,
            into: target.baseAddress! + z * size[1] * size[2])
        }
        initialized = count
      }
    }
  }

  private static func filterAlongZ(
    _ voxels: UnsafePointer<Float>, window: [Int], size: [Int], indices: [Int],
    into target: UnsafeMutablePointer<Float>
  ) {
    let slice = window[1] * window[2]
    withUnsafeTemporaryAllocation(
      of: UnsafePointer<Float>.self, capacity: indices.count
    ) { rows in
      for y in 0..<window[1] {
        for (position, index) in indices.enumerated() {
          rows[position] = voxels + index * slice + y * window[2]
        }
        for z in 0..<size[0] {
          kernel.filterRows(
            rows.baseAddress! + z, into: target + z * slice + y * window[2], count: window[2])
        }
      }
    }
  }

  private static func filterInPlane(
    _ voxels: UnsafePointer<Float>, window: [Int], size: [Int], indices: [[Int]],
    into target: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(
      of: UnsafePointer<Float>.self, capacity: indices[1].count
    ) { rows in
      withUnsafeTemporaryAllocation(
        of: Float.self, capacity: window[2] + indices[2].count
      ) { buffer in
        let (line, extended) = (buffer.baseAddress!, buffer.baseAddress! + window[2])
        for (position, index) in indices[1].enumerated() {
          rows[position] = voxels + index * window[2]
        }
        for y in 0..<size[1] {
          kernel.filterRows(rows.baseAddress! + y, into: line, count: window[2])
          indices[2].withUnsafeBufferPointer { columns in
            for position in columns.indices { extended[position] = line[columns[position]] }
          }
          kernel.filterLine(extended, into: target + y * size[2], count: size[2])
        }
      }
    }
  }
}
