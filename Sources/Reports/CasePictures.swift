import Arrays
import Charts
package import Foundation
import HostSystem
import Imaging

/// The slices of a case with its reference and its prediction, as two pictures of tiles.
package struct CasePictures: Sendable {
  package var name: String
  /// The mean Dice of the foreground.
  package var dice: Double
  /// `axial`, `coronal`, `sagittal`, or the number of an axis.
  package var plane: String
  /// The positions of the slices along their axis, in voxels.
  package var slices: [Int]
  /// The index in `slices` of the one with the most wrong voxels.
  package var worstSlice: Int
  package var tileWidth: Int
  package var tileHeight: Int
  /// The tiles in a row of the pictures.
  package var columnCount: Int
  /// The height of a pixel divided by its width.
  package var pixelAspect: Double
  /// The step between the shown voxels.
  package var step: Int
  /// The image as gray PNG; nil if it is not known.
  package var image: Data?
  /// The reference's labels in red and the prediction's in green, as PNG.
  package var labels: Data
  /// The labels that occur.
  package var presentLabels: [Int]
}

extension CasePictures {
  /// Draws a case.
  ///
  /// - Throws: ``ReportError/differentShapes(case:image:labels:)`` or `ChartError`.
  init(
    name: String, dice: Double, image: Volume?, reference: LabelVolume, prediction: LabelVolume,
    limits: PictureLimits
  ) throws {
    let shape = reference.labels.shape
    guard prediction.labels.shape == shape else {
      throw ReportError.differentShapes(
        case: name, image: prediction.labels.shape, labels: shape)
    }
    if let image, image.voxels.shape != shape {
      throw ReportError.differentShapes(case: name, image: image.voxels.shape, labels: shape)
    }
    let cut = SliceCut(
      reference: reference.labels, prediction: prediction.labels, geometry: reference.geometry,
      limits: limits)
    self.name = name
    self.dice = dice
    plane = cut.plane
    slices = cut.slices
    worstSlice = cut.worstSlice
    tileWidth = cut.width
    tileHeight = cut.height
    let columns = Int(trusted: Double(cut.slices.count).squareRoot().rounded(.up))
    columnCount = columns
    pixelAspect = cut.pixelAspect
    step = cut.step
    self.image = try image.map { try cut.gray($0.voxels, columns: columns).png() }
    labels = try cut.labelPicture(columns: columns).png()
    presentLabels = cut.presentLabels
  }
}

/// The visible part of a case, and how its voxels become pixels.
struct SliceCut {
  let reference: DenseArray<UInt8>
  let prediction: DenseArray<UInt8>
  private(set) var slices: [Int] = []
  private(set) var worstSlice = 0
  private(set) var plane: String
  private(set) var pixelAspect: Double
  private(set) var step = 1
  private(set) var presentLabels: [Int]

  /// The array's axes: across the slices, down and to the right.
  private let axes: [Int]
  private var rows: [Int] = []
  private var columns: [Int] = []

  var width: Int { columns.count }
  var height: Int { rows.count }

  init(
    reference: DenseArray<UInt8>, prediction: DenseArray<UInt8>, geometry: Geometry,
    limits: PictureLimits
  ) {
    self.reference = reference
    self.prediction = prediction
    let spacing = geometry.arraySpacing
    // The slices are perpendicular to the coarsest axis, so that pixels are fine.
    let coarsest = (0..<3).max { spacing[$0] < spacing[$1] } ?? 0
    let others = (0..<3).filter { $0 != coarsest }.map { spacing[$0] }
    let isCoarse = spacing[coarsest] > 1.5 * (others.max() ?? 1)
    let isFlat = reference.shape.contains(1)
    let across = isFlat ? reference.shape.firstIndex(of: 1) ?? 0 : isCoarse ? coarsest : 0
    axes = [across] + (0..<3).filter { $0 != across }
    pixelAspect = spacing[axes[1]] / spacing[axes[2]]
    let isUpright = (0..<3).allSatisfy { abs(geometry.direction[4 * $0]) > 0.7 }
    plane = isUpright ? ["axial", "coronal", "sagittal"][across] : "axis \(across)"
    presentLabels = Set(reference.scalars).union(prediction.scalars).subtracting([0])
      .map(Int.init).sorted()
    let box = Self.box(reference, prediction)
    choosePixels(box, limits: limits, geometry: isUpright ? geometry : nil)
    chooseSlices(box[axes[0]], most: limits.slices)
  }

  /// The smallest box around all labels of both; the whole image if there are none.
  private static func box(
    _ reference: DenseArray<UInt8>, _ prediction: DenseArray<UInt8>
  ) -> [Range<Int>] {
    let shape = reference.shape
    var low = shape
    var high = [-1, -1, -1]
    var offset = 0
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          if reference.scalars[offset] | prediction.scalars[offset] != 0 {
            low = [min(low[0], z), min(low[1], y), min(low[2], x)]
            high = [max(high[0], z), max(high[1], y), max(high[2], x)]
          }
          offset += 1
        }
      }
    }
    return high[0] < 0 ? shape.map { 0..<$0 } : zip(low, high).map { $0..<($1 + 1) }
  }

  private mutating func choosePixels(
    _ box: [Range<Int>], limits: PictureLimits, geometry: Geometry?
  ) {
    let ranges = axes.dropFirst().map { axis in
      // Some surroundings for orientation.
      let room = max(box[axis].count / 3, 12)
      return max(
        0, box[axis].lowerBound - room)..<min(reference.shape[axis], box[axis].upperBound + room)
    }
    let longest = ranges.map(\.count).max() ?? 1
    step = (longest + limits.edge - 1) / limits.edge
    (rows, columns) = (
      Array(stride(from: ranges[0].lowerBound, to: ranges[0].upperBound, by: step)),
      Array(stride(from: ranges[1].lowerBound, to: ranges[1].upperBound, by: step))
    )
    guard let geometry else { return }
    // In the orientation that radiologists use: the patient's right on the left, anterior or
    // superior on top.
    if Self.runsBackwards(axes[1], geometry) { rows.reverse() }
    if Self.runsBackwards(axes[2], geometry) { columns.reverse() }
  }

  /// Whether an array axis runs against the picture's direction.
  private static func runsBackwards(_ arrayAxis: Int, _ geometry: Geometry) -> Bool {
    let axis = 2 - arrayAxis
    let sign = axis == 2 ? -1.0 : 1.0
    return geometry.direction[4 * axis] * sign < 0
  }

  private mutating func chooseSlices(_ range: Range<Int>, most: Int) {
    let room = max(range.count / 10, 1)
    let all = Array(
      max(0, range.lowerBound - room)..<min(reference.shape[axes[0]], range.upperBound + room))
    let wrong = all.map(wrongVoxels)
    let worst = all[wrong.indices.max { wrong[$0] < wrong[$1] } ?? 0]
    let count = min(all.count, most)
    var chosen = Set((0..<count).map { all[$0 * all.count / count] })
    if !chosen.contains(worst), let nearest = chosen.min(by: { abs($0 - worst) < abs($1 - worst) })
    {
      chosen.remove(nearest)
      chosen.insert(worst)
    }
    slices = chosen.sorted()
    worstSlice = slices.firstIndex(of: worst) ?? 0
  }

  /// The voxels of a slice with different labels; if there are none at all, the labelled ones.
  private func wrongVoxels(_ slice: Int) -> Double {
    let strides = reference.strides
    var wrong = 0
    var labelled = 0
    for row in 0..<reference.shape[axes[1]] {
      for column in 0..<reference.shape[axes[2]] {
        let offset = slice * strides[axes[0]] + row * strides[axes[1]] + column * strides[axes[2]]
        if reference.scalars[offset] != prediction.scalars[offset] { wrong += 1 }
        if reference.scalars[offset] != 0 { labelled += 1 }
      }
    }
    return Double(wrong) + Double(labelled) * 1e-9
  }
}

// MARK: - Pictures

extension SliceCut {
  /// The slices of an image in shades of gray; the half percent quantiles are black and white.
  func gray(_ voxels: DenseArray<Float>, columns columnCount: Int) -> PixelImage {
    var values: [Float] = []
    forEachPixel(columns: columnCount) { offset, _ in values.append(voxels.scalars[offset]) }
    let sorted = values.filter(\.isFinite).sorted()
    let low = sorted.isEmpty ? 0 : sorted[Int(trusted: 0.005 * Double(sorted.count - 1))]
    let high = sorted.isEmpty ? 1 : sorted[Int(trusted: 0.995 * Double(sorted.count - 1))]
    let scale = 255 / max(high - low, .leastNormalMagnitude)
    return picture(.gray, columns: columnCount) { offset, target in
      let value = (voxels.scalars[offset] - low) * scale
      target[0] = UInt8(nearest: Double(value.rounded(.down)), within: 0...255) ?? 0
    }
  }

  /// The labels of the reference in red, those of the prediction in green.
  func labelPicture(columns columnCount: Int) -> PixelImage {
    picture(.color, columns: columnCount) { offset, target in
      target[0] = reference.scalars[offset]
      target[1] = prediction.scalars[offset]
    }
  }

  private func picture(
    _ channels: PixelImage.Channels, columns columnCount: Int,
    _ color: (Int, UnsafeMutablePointer<UInt8>) -> Void
  ) -> PixelImage {
    let rowCount = (slices.count + columnCount - 1) / columnCount
    let (width, height) = (columnCount * self.width, rowCount * self.height)
    var pixels = Array(repeating: UInt8(0), count: width * height * channels.rawValue)
    pixels.withUnsafeMutableBufferPointer { pixels in
      guard let start = pixels.baseAddress else { return }
      forEachPixel(columns: columnCount) { offset, pixel in
        color(offset, start + pixel * channels.rawValue)
      }
    }
    return PixelImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// Calls `body` with the offset of each visible voxel and that of its pixel.
  private func forEachPixel(columns columnCount: Int, _ body: (Int, Int) -> Void) {
    let strides = reference.strides
    for (index, slice) in slices.enumerated() {
      let corner = (row: index / columnCount * height, column: index % columnCount * width)
      for (y, row) in rows.enumerated() {
        let line = slice * strides[axes[0]] + row * strides[axes[1]]
        let target = (corner.row + y) * columnCount * width + corner.column
        for (x, column) in columns.enumerated() {
          body(line + column * strides[axes[2]], target + x)
        }
      }
    }
  }
}
