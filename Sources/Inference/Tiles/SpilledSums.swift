import Arrays
import Foundation
import HostSystem

/// The sums of a window of planes in a file, for networks with so many outputs that memory is
/// insufficient.
///
/// The window is a ring: plane `p` of the image is where plane `p + capacity` will be later.
final class SpilledSums: Sendable {
  private let labelCount: Int
  private let capacity: Int
  private let height: Int
  private let width: Int
  private let file: ScratchFile

  init(labelCount: Int, capacity: Int, imageSize: [Int], in folder: URL) throws(FileError) {
    self.labelCount = labelCount
    self.capacity = capacity
    (height, width) = (imageSize[1], imageSize[2])
    file = try ScratchFile(in: folder, count: labelCount * capacity * height * width)
  }

  private func offset(label: Int, plane: Int) -> Int {
    (label * capacity + plane % capacity) * height * width
  }

  /// Adds a tile's probabilities `(label, z, y, x)` times weights `(z, y, x)`.
  ///
  /// - Parameters:
  ///   - values: The tile's first element.
  ///   - weights: The first weight.
  ///   - origin: The tile's first index in the image, z, y, x; may be negative.
  ///   - size: The tile's size.
  ///   - depth: The image's number of planes.
  /// - Throws: `FileError` if the scratch file cannot be read or written.
  func add(
    _ values: UnsafePointer<Float>, times weights: UnsafePointer<Float>, at origin: [Int],
    size: [Int], depth: Int
  ) throws {
    nonisolated(unsafe) let (values, weights) = (values, weights)
    let planes = max(origin[0], 0)..<min(origin[0] + size[0], depth)
    let rows = max(origin[1], 0)..<min(origin[1] + size[1], height)
    // One plane of the tile as part of an image with only these rows.
    let overlap = TileOverlap(
      origin: [0, origin[1] - rows.lowerBound, origin[2]], size: [1, size[1], size[2]],
      imageSize: [1, rows.count, width])
    let area = size[1] * size[2]
    try forEachInParallel(count: labelCount) { label in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows.count * width)
      defer { buffer.deallocate() }
      buffer.initialize(repeating: 0)
      for plane in planes {
        let start = offset(label: label, plane: plane) + rows.lowerBound * width
        try file.read(buffer, at: start)
        let inTile = (plane - origin[0]) * area
        overlap.forEachRow { tileRow, imageRow, count in
          addRow(
            values + (label * size[0] * area + inTile + tileRow),
            times: weights + (inTile + tileRow), to: buffer.baseAddress! + imageRow, count: count)
        }
        try file.write(UnsafeBufferPointer(buffer), at: start)
      }
    }
  }

  /// Copies planes of one label out and clears them for planes that enter the window.
  func take(
    _ planes: Range<Int>, of label: Int, into target: UnsafeMutablePointer<Float>
  ) throws(FileError) {
    let area = height * width
    let zeros = [Float](repeating: 0, count: area)
    for plane in planes {
      let buffer = UnsafeMutableBufferPointer(
        start: target + (plane - planes.lowerBound) * area, count: area)
      buffer.initialize(repeating: 0)
      let start = offset(label: label, plane: plane)
      try file.read(buffer, at: start)
      let failure: FileError? = zeros.withUnsafeBufferPointer { zeros in
        do throws(FileError) {
          try file.write(zeros, at: start)
          return nil
        } catch {
          return error
        }
      }
      if let failure { throw failure }
    }
  }
}
