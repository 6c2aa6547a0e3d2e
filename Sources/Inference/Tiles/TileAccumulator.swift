import Arrays
import Foundation
import HostSystem

/// The weighted sum of overlapping tiles and, once for all labels, the sum of their weights.
///
/// It keeps a window of planes along the first axis, which moves on when planes are finished:
/// memory does not depend on the image's extent along that axis. If even the window would take too
/// much memory, the labels' sums are in a file.
struct TileAccumulator: ~Copyable {
  private let labelCount: Int
  private let imageSize: [Int]
  /// The number of planes that are kept at once.
  private let capacity: Int
  /// The weight of each voxel of a tile.
  private let weights: DenseArray<Float>
  private let isUniform: Bool
  /// For 2D networks: all slices have the same sum of weights, so that one slice is kept.
  private let sharesWeightsOfSlices: Bool
  /// The first plane that is kept; those before it are finished.
  private(set) var firstPlane = 0
  private var sums: [Float]
  private var weightSums: [Float]
  private let spill: SpilledSums?

  /// Creates the sums of the first planes, all 0.
  ///
  /// - Parameters:
  ///   - labelCount: The number of probabilities per voxel.
  ///   - imageSize: The image's size, z, y, x.
  ///   - capacity: The number of planes that are kept at once.
  ///   - weights: The weight of each voxel of a tile, `(z, y, x)`.
  ///   - sharesWeightsOfSlices: Whether all slices have the same sum of weights, as with 2D
  ///     networks.
  ///   - scratchFolder: The folder for sums that take more than `memoryForSums`; nil to keep all in
  ///     memory.
  ///   - memoryForSums: In bytes.
  /// - Throws: `FileError.cannotWrite(path:reason:)` if the folder has too little space for the
  ///   sums.
  init(
    labelCount: Int, imageSize: [Int], capacity: Int, weights: DenseArray<Float>,
    sharesWeightsOfSlices: Bool, scratchFolder: URL? = nil, memoryForSums: Int = .max
  ) throws(FileError) {
    self.labelCount = labelCount
    self.imageSize = imageSize
    self.capacity = min(capacity, imageSize[0])
    self.weights = weights
    self.sharesWeightsOfSlices = sharesWeightsOfSlices
    isUniform = weights.scalars.allSatisfy { $0 == 1 }
    let area = imageSize[1] * imageSize[2]
    let count = labelCount * self.capacity * area
    if let scratchFolder, count * MemoryLayout<Float>.stride > memoryForSums {
      spill = try SpilledSums(
        labelCount: labelCount, capacity: self.capacity, imageSize: imageSize, in: scratchFolder)
      sums = []
    } else {
      spill = nil
      sums = Array(repeating: 0, count: count)
    }
    weightSums = Array(repeating: 0, count: sharesWeightsOfSlices ? area : self.capacity * area)
  }

  private var area: Int { imageSize[1] * imageSize[2] }

  /// The positions of tiles in the window.
  private func overlaps(_ origins: [[Int]]) -> [TileOverlap] {
    let depth = min(capacity, imageSize[0] - firstPlane)
    return origins.map { origin in
      precondition(min(origin[0] + weights.shape[0], imageSize[0]) <= firstPlane + capacity)
      return TileOverlap(
        origin: [origin[0] - firstPlane, origin[1], origin[2]], size: weights.shape,
        imageSize: [depth, imageSize[1], imageSize[2]])
    }
  }

  /// Adds the probabilities `(tile, label, …)` of tiles, without their weights.
  mutating func add(_ tiles: DenseArray<Float>, at origins: [[Int]]) throws {
    if let spill { return try add(tiles, at: origins, to: spill) }
    let (windowVoxels, tileVoxels) = (capacity * area, weights.count)
    let (labelCount, isUniform) = (labelCount, isUniform)
    let overlaps = overlaps(origins)
    sums.withUnsafeMutableBufferPointer { sums in
      tiles.scalars.withUnsafeBufferPointer { tiles in
        weights.scalars.withUnsafeBufferPointer { weights in
          for (tile, overlap) in overlaps.enumerated() {
            for label in 0..<labelCount {
              let values = tiles.baseAddress! + (tile * labelCount + label) * tileVoxels
              let target = sums.baseAddress! + label * windowVoxels
              overlap.forEachRow { inTile, inImage, count in
                if isUniform {
                  addRow(values + inTile, to: target + inImage, count: count)
                } else {
                  addRow(
                    values + inTile, times: weights.baseAddress! + inTile, to: target + inImage,
                    count: count)
                }
              }
            }
          }
        }
      }
    }
  }

  private func add(
    _ tiles: DenseArray<Float>, at origins: [[Int]], to spill: SpilledSums
  ) throws {
    try tiles.scalars.withUnsafeBufferPointer { tiles in
      try weights.scalars.withUnsafeBufferPointer { values in
        for (tile, origin) in origins.enumerated() {
          try spill.add(
            tiles.baseAddress! + tile * labelCount * weights.count, times: values.baseAddress!,
            at: origin, size: weights.shape, depth: imageSize[0])
        }
      }
    }
  }

  /// Adds the weights of tiles, once for any number of networks.
  mutating func addWeights(at origins: [[Int]]) {
    let overlaps =
      sharesWeightsOfSlices
      ? origins.filter { $0[0] == 0 }.map {
        TileOverlap(origin: $0, size: weights.shape, imageSize: [1] + imageSize.dropFirst())
      } : overlaps(origins)
    weightSums.withUnsafeMutableBufferPointer { sums in
      weights.scalars.withUnsafeBufferPointer { weights in
        for overlap in overlaps {
          overlap.forEachRow { inTile, inImage, count in
            addRow(
              weights.baseAddress! + inTile, to: sums.baseAddress! + inImage, count: count)
          }
        }
      }
    }
  }

  /// Removes the planes before `end` and returns them, divided by the weights and the number of
  /// networks.
  ///
  /// - Returns: `(label, z, y, x)`, beginning with the previous ``firstPlane``.
  mutating func takePlanes(before end: Int, networkCount: Int) throws -> DenseArray<Float> {
    let depth = end - firstPlane
    precondition(depth > 0 && depth <= capacity)
    let (area, stride) = (area, capacity * area)
    var factors = Array(weightSums.prefix(sharesWeightsOfSlices ? area : depth * area))
    if networkCount > 1 { for index in factors.indices { factors[index] *= Float(networkCount) } }
    var isFinite = true
    let shape = [labelCount, depth, imageSize[1], imageSize[2]]
    let slab = try DenseArray<Float>(shape: shape) { slab in
      try sums.withUnsafeBufferPointer { sums in
        try factors.withUnsafeBufferPointer { factors in
          for label in 0..<labelCount {
            let target = slab.baseAddress! + label * depth * area
            if let spill {
              try spill.take(firstPlane..<end, of: label, into: target)
            } else {
              target.initialize(from: sums.baseAddress! + label * stride, count: depth * area)
            }
            for start in Swift.stride(from: 0, to: depth * area, by: factors.count) {
              let finite = divideRow(
                target + start, by: factors.baseAddress!, count: factors.count)
              isFinite = finite && isFinite
            }
          }
        }
      }
    }
    guard isFinite else { throw InferenceError.notANumber }
    moveOn(by: depth)
    return slab
  }

  /// Moves the window; planes that enter it are zero.
  private mutating func moveOn(by depth: Int) {
    firstPlane += depth
    let (kept, gone) = ((capacity - depth) * area, depth * area)
    guard firstPlane < imageSize[0] else { return }
    let stride = capacity * area
    if spill == nil {
      sums.withUnsafeMutableBufferPointer { sums in
        for label in 0..<labelCount { shift(sums.baseAddress! + label * stride, kept, gone) }
      }
    }
    guard !sharesWeightsOfSlices else { return }
    weightSums.withUnsafeMutableBufferPointer { shift($0.baseAddress!, kept, gone) }
  }
}

/// Moves the elements after the first `gone` ones to the front and clears the rest.
private func shift(_ values: UnsafeMutablePointer<Float>, _ kept: Int, _ gone: Int) {
  values.update(from: values + gone, count: kept)
  (values + kept).update(repeating: 0, count: gone)
}
@inline(never)
private func addRow(
  _ values: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, count: Int
) {
  for index in 0..<count { sums[index] += values[index] }
}

@inline(never)
func addRow(
  _ values: UnsafePointer<Float>, times weights: UnsafePointer<Float>,
  to sums: UnsafeMutablePointer<Float>, count: Int
) {
  for index in 0..<count { sums[index] += values[index] * weights[index] }
}

/// Divides in place; returns whether all quotients are finite.
@inline(never)
private func divideRow(
  _ values: UnsafeMutablePointer<Float>, by weights: UnsafePointer<Float>, count: Int
) -> Bool {
  // Zero times a finite number is zero; times infinity or NaN, it is and remains NaN.
  var check = SIMD8<Float>()
  var index = 0
  let (rawValues, rawWeights) = (UnsafeMutableRawPointer(values), UnsafeRawPointer(weights))
  while index &+ 8 <= count {
    let offset = index &* 4
    let value = rawValues.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
    let quotient =
      value / rawWeights.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
    rawValues.storeBytes(of: quotient, toByteOffset: offset, as: SIMD8<Float>.self)
    check += quotient * 0
    index &+= 8
  }
  var rest: Float = 0
  while index < count {
    values[index] /= weights[index]
    rest += values[index] * 0
    index &+= 1
  }
  return check.sum() + rest == 0
}
