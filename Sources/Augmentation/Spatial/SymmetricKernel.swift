import Foundation
import HostSystem

/// How an axis continues beyond its ends.
enum AxisBorder {
  /// Mirrored at the outer face of the border voxel: the border voxel is repeated.
  case reflected
  /// Mirrored at the centre of the border voxel: the border voxel is not repeated.
  case mirrored

  /// The voxel for position `index`, which may be outside `0..<length`.
  func voxel(at index: Int, length: Int) -> Int {
    if 0..<length ~= index { return index }
    switch self {
    case .reflected:
      let period = 2 * length
      let position = (index % period + period) % period
      return position < length ? position : period - 1 - position
    case .mirrored:
      guard length > 1 else { return 0 }
      let period = 2 * length - 2
      let position = (index % period + period) % period
      return position < length ? position : period - position
    }
  }
}

/// A symmetric filter kernel, applied along one axis.
struct SymmetricKernel {
  /// The weight of the centre, then those of the neighbours at increasing distances.
  let weights: [Float]

  /// The distance of the farthest neighbour.
  var radius: Int { weights.count - 1 }

  /// A Gaussian, cut off at four standard deviations and normalized.
  static func gaussian(sigma: Double) -> SymmetricKernel {
    let radius = Int(trusted: 4 * sigma + 0.5)
    let heights = (0...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = heights[0] + 2 * heights.dropFirst().reduce(0, +)
    return SymmetricKernel(weights: heights.map { Float($0 / sum) })
  }

  /// Filters an array in C order along one axis.
  func filterInPlace(
    _ voxels: UnsafeMutableBufferPointer<Float>, shape: [Int], axis: Int, border: AxisBorder
  ) {
    let length = shape[axis]
    let inner = shape[(axis + 1)...].trustedProduct
    let outer = shape[..<axis].trustedProduct
    guard length > 0, inner > 0 else { return }
    let indices = (-radius..<length + radius).map { border.voxel(at: $0, length: length) }
    if inner == 1 {
      filterLines(voxels, lines: outer, length: length, indices: indices)
    } else {
      for slab in 0..<outer {
        filterSlab(
          voxels.baseAddress! + slab * length * inner, length: length, inner: inner,
          indices: indices)
      }
    }
  }

  /// Filters contiguous lines.
  private func filterLines(
    _ voxels: UnsafeMutableBufferPointer<Float>, lines: Int, length: Int, indices: [Int]
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: indices.count) { extended in
      let extended = extended.baseAddress!
      for line in 0..<lines {
        let start = voxels.baseAddress! + line * length
        for (position, index) in indices.enumerated() { extended[position] = start[index] }
        filterLine(extended, into: start, count: length)
      }
    }
  }

  /// Filters `length` rows of `inner` voxels across the rows, some columns at a time so that they
  /// stay in the cache.
  private func filterSlab(
    _ voxels: UnsafeMutablePointer<Float>, length: Int, inner: Int, indices: [Int]
  ) {
    let width = min(inner, 128)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: length * width) { copy in
      withUnsafeTemporaryAllocation(
        of: UnsafePointer<Float>.self, capacity: indices.count
      ) { rows in
        let (copy, rows) = (copy.baseAddress!, rows.baseAddress!)
        for (position, index) in indices.enumerated() {
          rows[position] = UnsafePointer(copy + index * width)
        }
        for start in stride(from: 0, to: inner, by: width) {
          let columns = min(width, inner - start)
          for row in 0..<length {
            (copy + row * width).update(from: voxels + row * inner + start, count: columns)
          }
          for row in 0..<length {
            filterRows(rows + row, into: voxels + row * inner + start, count: columns)
          }
        }
      }
    }
  }

  /// Filters one line that is extended by its neighbours beyond the ends.
  ///
  /// - Parameters:
  ///   - extended: `count + 2 * radius` voxels.
  ///   - target: Where the results go; not part of `extended`.
  ///   - count: The number of results.
  func filterLine(
    _ extended: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    weights.withUnsafeBufferPointer {
      weightedLine(
        extended + radius, into: target, count: count, weights: $0.baseAddress!, radius: radius)
    }
  }

  /// Computes the weighted sum of `2 * radius + 1` rows.
  ///
  /// - Parameters:
  ///   - rows: The rows, none of which overlaps the target.
  ///   - target: The destination of the results.
  ///   - count: The length of each row.
  func filterRows(
    _ rows: UnsafePointer<UnsafePointer<Float>>, into target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    weights.withUnsafeBufferPointer {
      weightedRows(
        rows + radius, into: target, count: count, weights: $0.baseAddress!, radius: radius)
    }
  }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>, _ offset: Int) -> SIMD8<Float> {
  UnsafeRawPointer(pointer + offset).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store(
  _ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ offset: Int
) {
  UnsafeMutableRawPointer(pointer + offset).storeBytes(of: value, as: SIMD8<Float>.self)
}

private func weightedLine(
  _ center: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int,
  weights: UnsafePointer<Float>, radius: Int
) {
  var start = 0
  while start &+ 16 <= count {
    var first = load(center, start) * weights[0]
    var second = load(center, start &+ 8) * weights[0]
    var distance = 1
    while distance <= radius {
      let weight = SIMD8(repeating: weights[distance])
      let (before, behind) = (start &- distance, start &+ distance)
      first = first.addingProduct(load(center, before) + load(center, behind), weight)
      second = second.addingProduct(load(center, before &+ 8) + load(center, behind &+ 8), weight)
      distance &+= 1
    }
    store(first, target, start)
    store(second, target, start &+ 8)
    start &+= 16
  }
  while start < count {
    var sum = center[start] * weights[0]
    for distance in stride(from: 1, through: radius, by: 1) {
      sum = sum.addingProduct(
        center[start &- distance] + center[start &+ distance], weights[distance])
    }
    target[start] = sum
    start &+= 1
  }
}

private func weightedRows(
  _ center: UnsafePointer<UnsafePointer<Float>>, into target: UnsafeMutablePointer<Float>,
  count: Int, weights: UnsafePointer<Float>, radius: Int
) {
  var start = 0
  while start &+ 32 <= count {
    let row = center[0]
    var first = load(row, start) * weights[0]
    var second = load(row, start &+ 8) * weights[0]
    var third = load(row, start &+ 16) * weights[0]
    var fourth = load(row, start &+ 24) * weights[0]
    var distance = 1
    while distance <= radius {
      let (lower, upper) = (center[0 &- distance], center[distance])
      let weight = SIMD8(repeating: weights[distance])
      first = first.addingProduct(load(lower, start) + load(upper, start), weight)
      second = second.addingProduct(load(lower, start &+ 8) + load(upper, start &+ 8), weight)
      third = third.addingProduct(load(lower, start &+ 16) + load(upper, start &+ 16), weight)
      fourth = fourth.addingProduct(load(lower, start &+ 24) + load(upper, start &+ 24), weight)
      distance &+= 1
    }
    store(first, target, start)
    store(second, target, start &+ 8)
    store(third, target, start &+ 16)
    store(fourth, target, start &+ 24)
    start &+= 32
  }
  while start < count {
    let isBlock = start &+ 8 <= count
    if isBlock {
      var sum = load(center[0], start) * weights[0]
      var distance = 1
      while distance <= radius {
        sum = sum.addingProduct(
          load(center[0 &- distance], start) + load(center[distance], start),
          SIMD8(repeating: weights[distance]))
        distance &+= 1
      }
      store(sum, target, start)
      start &+= 8
    } else {
      var sum = center[0][start] * weights[0]
      for distance in stride(from: 1, through: radius, by: 1) {
        sum = sum.addingProduct(
          center[0 &- distance][start] + center[distance][start], weights[distance])
      }
      target[start] = sum
      start &+= 1
    }
  }
}
