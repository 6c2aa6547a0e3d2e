import Arrays

/// The weighted sum of overlapping tiles and, once for all labels, the sum of their weights.
struct TileAccumulator: ~Copyable {
  private let labelCount: Int
  private let imageSize: [Int]
  /// The weight of each voxel of a tile.
  private let weights: DenseArray<Float>
  private let isUniform: Bool
  /// For 2D networks: all slices have the same sum of weights, so that one slice is kept.
  private let sharesWeightsOfSlices: Bool
  private var sums: [Float]
  private var weightSums: [Float]

  init(
    labelCount: Int, imageSize: [Int], weights: DenseArray<Float>, sharesWeightsOfSlices: Bool
  ) {
    self.labelCount = labelCount
    self.imageSize = imageSize
    self.weights = weights
    self.sharesWeightsOfSlices = sharesWeightsOfSlices
    isUniform = weights.scalars.allSatisfy { $0 == 1 }
    let voxels = imageSize.reduce(1, *)
    sums = Array(repeating: 0, count: labelCount * voxels)
    let weighted = sharesWeightsOfSlices ? voxels / max(imageSize[0], 1) : voxels
    weightSums = Array(repeating: 0, count: weighted)
  }

  /// Adds the probabilities `(tile, label, …)` of tiles, without their weights.
  mutating func add(_ tiles: DenseArray<Float>, at origins: [[Int]]) {
    let voxels = imageSize.reduce(1, *)
    let tileVoxels = weights.count
    let (labelCount, isUniform) = (labelCount, isUniform)
    let overlaps = origins.map {
      TileOverlap(origin: $0, size: weights.shape, imageSize: imageSize)
    }
    sums.withUnsafeMutableBufferPointer { sums in
      tiles.scalars.withUnsafeBufferPointer { tiles in
        weights.scalars.withUnsafeBufferPointer { weights in
          for (tile, overlap) in overlaps.enumerated() {
            for label in 0..<labelCount {
              let values = tiles.baseAddress! + (tile * labelCount + label) * tileVoxels
              let target = sums.baseAddress! + label * voxels
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

  /// Adds the weights of tiles, once whatever the number of networks.
  mutating func addWeights(at origins: [[Int]]) {
    let size = sharesWeightsOfSlices ? [1] + imageSize.dropFirst() : imageSize
    let origins = sharesWeightsOfSlices ? origins.filter { $0[0] == 0 } : origins
    let overlaps = origins.map {
      TileOverlap(origin: $0, size: weights.shape, imageSize: size)
    }
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

  /// Divides by the weights and by the number of networks that were added.
  consuming func normalized(by networkCount: Int) throws -> DenseArray<Float> {
    if networkCount > 1 {
      for index in weightSums.indices { weightSums[index] *= Float(networkCount) }
    }
    let blocks = sums.count / max(weightSums.count, 1)
    var isFinite = true
    sums.withUnsafeMutableBufferPointer { sums in
      weightSums.withUnsafeBufferPointer { weights in
        for block in 0..<blocks {
          let start = sums.baseAddress! + block * weights.count
          isFinite = divideRow(start, by: weights.baseAddress!, count: weights.count) && isFinite
        }
      }
    }
    guard isFinite else { throw InferenceError.notANumber }
    return DenseArray(shape: [labelCount] + imageSize, scalars: sums)
  }
}

@inline(never)
private func addRow(
  _ values: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, count: Int
) {
  for index in 0..<count { sums[index] += values[index] }
}

@inline(never)
private func addRow(
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
  // Zero times a finite number is zero; times infinity or NaN it is NaN and stays so.
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
