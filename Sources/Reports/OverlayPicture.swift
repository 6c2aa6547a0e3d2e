import Arrays
import Charts
import HostSystem

/// A slice with its segmentation as a colored overlay.
///
/// Source: nnU-Net v1, `generate_overlay`: the slice's range becomes 0...255, each labelled voxel
/// gets a part of its label's color, and the brightest value becomes 255. Unlike v1's, a label has
/// the same color in all pictures: its number counts, not its rank among the labels of the slice.
struct OverlayPicture {
  /// The colors of the labels; label 0 is black, which changes nothing.
  static let colors: [(red: Int, green: Int, blue: Int)] = [
    0x000000, 0x4363d8, 0xf58231, 0x3cb44b, 0xe6194b, 0x911eb4, 0xffe119, 0xbfef45, 0x42d4f4,
    0xf032e6, 0x000075, 0x9a6324, 0x808000, 0x800000, 0x469990,
  ].map { (red: $0 >> 16, green: $0 >> 8 & 255, blue: $0 & 255) }

  /// The color of a label; after the last one, they start again with the second.
  static func color(of label: Int) -> (red: Int, green: Int, blue: Int) {
    label == 0 ? colors[0] : colors[1 + (label - 1) % (colors.count - 1)]
  }

  /// Draws a slice in gray with the labels' colors added.
  ///
  /// - Parameters:
  ///   - slice: The slice's voxels, row by row.
  ///   - labels: Their labels; none is negative.
  ///   - width: The pixels of a row.
  ///   - height: The number of rows.
  ///   - intensity: The part of the label's color that is added.
  /// - Returns: A color picture, scaled so that its brightest part is 255.
  static func image(
    slice: [Float], labels: [Int], width: Int, height: Int, intensity: Double = 0.6
  ) -> PixelImage {
    let finite = slice.filter(\.isFinite)
    let low = Double(finite.min() ?? 0)
    let range = Double(finite.max() ?? 0) - low
    var colored: [Double] = []
    colored.reserveCapacity(3 * slice.count)
    for (value, label) in zip(slice, labels) {
      // For a slice without any contrast, v1 makes NaN.
      let gray = range > 0 && value.isFinite ? (Double(value) - low) / range * 255 : 0
      let color = color(of: label)
      for part in [color.red, color.green, color.blue] {
        colored.append(gray + intensity * Double(part))
      }
    }
    let brightest = colored.max() ?? 0
    let pixels = colored.map {
      brightest > 0
        ? UInt8(nearest: Double($0 / brightest * 255).rounded(.down), within: 0...255) ?? 0 : 0
    }
    return PixelImage(width: width, height: height, channels: .color, pixels: pixels)
  }

  /// The slice along the first axis with the most labelled voxels, the first of several.
  static func slice(of counts: [Int]) -> Int {
    counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) } ?? 0
  }
}
