import Arrays
import HostSystem

/// Reads patches out of a prepared case, for example a memory-mapped file.
///
/// Beyond the image, data are 0, labels -1 and labels of a previous configuration 0.
package struct PatchReader {
  private let scalars: UnsafeBufferPointer<Float>
  private let shape: [Int]
  private let previousLabels: UnsafeBufferPointer<UInt8>?
  private let labels: ClosedRange<Int16>

  /// - Parameters:
  ///   - scalars: `(channels + 1, z, y, x)`: the image channels, then the labels as whole numbers.
  ///     Must stay valid as long as the reader is used.
  ///   - shape: These four extents.
  ///   - labels: The possible labels; -1 means outside the image.
  ///   - previousLabels: For a cascade, the segmentation of the previous configuration, (z, y, x).
  package init(
    scalars: UnsafeBufferPointer<Float>, shape: [Int], labels: ClosedRange<Int16> = -1...(.max),
    previousLabels: UnsafeBufferPointer<UInt8>? = nil
  ) {
    precondition(
      shape.count == 4 && scalars.count == shape.trustedProduct,
      "\(scalars.count) do not fill \(shape)")
    precondition(previousLabels.map { $0.count == shape.dropFirst().trustedProduct } ?? true)
    self.scalars = scalars
    self.shape = shape
    self.previousLabels = previousLabels
    self.labels = labels
  }

  /// The number of image channels.
  package var channels: Int { shape[0] - 1 }
  /// The extents of the image (z, y, x).
  package var imageSize: [Int] { Array(shape.dropFirst()) }

  /// Reads a part of a patch.
  ///
  /// - Parameters:
  ///   - window: The part, in the coordinates of the patch.
  ///   - location: The place of the patch.
  /// - Returns: The voxels of the part; for a patch with two axes, the sample also has two.
  /// - Throws: ``AugmentationError/badLabel(value:labels:)`` for damaged labels.
  package func read(
    _ window: PatchWindow, of location: PatchLocation
  ) throws(AugmentationError) -> AugmentationSample {
    let flat = window.size.count == 2
    let copy = BoxCopy(
      imageSize: imageSize,
      origin: zip(location.origin, flat ? [0] + window.origin : window.origin).map { $0 + $1 },
      size: flat ? [1] + window.size : window.size)
    let (voxels, boxVoxels) = (copy.imageSize.trustedProduct, copy.size.trustedProduct)
    let source = scalars.baseAddress!
    let data = DenseArray<Float>(shape: [channels] + window.size) { target in
      if !copy.coversBox { target.initialize(repeating: 0) }
      for channel in 0..<channels {
        let (from, to) = (channel * voxels, channel * boxVoxels)
        copy.forEachRow { image, box, count in
          (target.baseAddress! + to + box).initialize(from: source + from + image, count: count)
        }
      }
    }
    var badLabel: Float?
    let labelChannels = previousLabels == nil ? 1 : 2
    let labels = DenseArray<Int16>(shape: [labelChannels] + window.size) { target in
      target[..<boxVoxels].initialize(repeating: -1)
      target[boxVoxels...].initialize(repeating: 0)
      copy.forEachRow { image, box, count in
        let row = source + channels * voxels + image
        badLabel =
          convert(row, to: target.baseAddress! + box, count: count, within: self.labels) ?? badLabel
        guard let previousLabels else { return }
        for x in 0..<count {
          target[boxVoxels + box + x] = Int16(previousLabels[image + x])
        }
      }
    }
    if let badLabel { throw .badLabel(value: badLabel, labels: self.labels) }
    return AugmentationSample(data: data, labels: labels)
  }
}

/// Rounds labels; returns one that is not a whole number in range, if any.
private func convert(
  _ row: UnsafePointer<Float>, to target: UnsafeMutablePointer<Int16>, count: Int,
  within labels: ClosedRange<Int16>
) -> Float? {
  var bad: Float?
  for x in 0..<count {
    let value = row[x]
    if let label = Int16(exactly: value), labels.contains(label) {
      target[x] = label
    } else {
      bad = value
    }
  }
  return bad
}

/// The rows that a box shares with an image.
private struct BoxCopy {
  let imageSize: [Int]
  let size: [Int]
  private let origin: [Int]
  /// Per axis, the positions within the box that are within the image.
  private let valid: [Range<Int>]

  init(imageSize: [Int], origin: [Int], size: [Int]) {
    self.imageSize = imageSize
    self.origin = origin
    self.size = size
    valid = (0..<3).map { axis in
      let lower = min(max(0, -origin[axis]), size[axis])
      let upper = max(min(size[axis], imageSize[axis] - origin[axis]), lower)
      return lower..<upper
    }
  }

  /// Whether the image covers the whole box.
  var coversBox: Bool { zip(valid, size).allSatisfy { $0.count == $1 } }

  /// Calls `body` with the offset in the image, the offset in the box and the length of each row.
  func forEachRow(_ body: (_ image: Int, _ box: Int, _ count: Int) -> Void) {
    guard !valid[2].isEmpty else { return }
    for z in valid[0] {
      for y in valid[1] {
        let row = (origin[0] + z) * imageSize[1] + origin[1] + y
        body(
          row * imageSize[2] + origin[2] + valid[2].lowerBound,
          (z * size[1] + y) * size[2] + valid[2].lowerBound, valid[2].count)
      }
    }
  }
}
