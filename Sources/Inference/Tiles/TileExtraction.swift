import Arrays
import HostSystem

extension DenseArray where Scalar == Float {
  /// Copies tiles out of an image; voxels outside it are zero.
  ///
  /// - Parameters:
  ///   - origins: The first index of each tile, z, y, x; may be negative.
  ///   - size: The tile's size, z, y, x.
  /// - Returns: `(tile, channel, z, y, x)`.
  /// - Precondition: The array is `(channel, z, y, x)`.
  func tiles(at origins: [[Int]], size: [Int]) -> DenseArray {
    precondition(rank == 4)
    let (channels, voxels) = (shape[0], size.trustedProduct)
    let imageSize = Array(shape.dropFirst())
    return DenseArray(shape: [origins.count, channels] + size) { target in
      scalars.withUnsafeBufferPointer { source in
        target.initialize(repeating: 0)
        for (tile, origin) in origins.enumerated() {
          let overlap = TileOverlap(origin: origin, size: size, imageSize: imageSize)
          for channel in 0..<channels {
            overlap.forEachRow { inTile, inImage, count in
              let from = source.baseAddress! + channel * imageSize.trustedProduct + inImage
              let to = target.baseAddress! + (tile * channels + channel) * voxels + inTile
              to.update(from: from, count: count)
            }
          }
        }
      }
    }
  }
}

/// The part of a tile within the image.
struct TileOverlap {
  private let lower: [Int]
  private let upper: [Int]
  private let origin: [Int]
  private let size: [Int]
  private let imageSize: [Int]

  init(origin: [Int], size: [Int], imageSize: [Int]) {
    self.origin = origin
    self.size = size
    self.imageSize = imageSize
    lower = origin.map { max($0, 0) }
    upper = (0..<3).map { min(origin[$0] + size[$0], imageSize[$0]) }
  }

  /// Calls `body` with the offset in the tile, the offset in the image and the number of voxels of
  /// each run along the last axis.
  @inline(__always)
  func forEachRow(_ body: (_ inTile: Int, _ inImage: Int, _ count: Int) -> Void) {
    let count = upper[2] - lower[2]
    guard count > 0, lower[0] < upper[0], lower[1] < upper[1] else { return }
    for z in lower[0]..<upper[0] {
      for y in lower[1]..<upper[1] {
        let tileRow = (z - origin[0]) * size[1] + (y - origin[1])
        let imageRow = z * imageSize[1] + y
        body(
          tileRow * size[2] + (lower[2] - origin[2]), imageRow * imageSize[2] + lower[2], count)
      }
    }
  }
}
