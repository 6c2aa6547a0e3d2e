import CCairo
package import Foundation
import HostSystem

/// A picture made of pixels.
package struct PixelImage: Hashable, Sendable {
  /// The content of a pixel.
  package enum Channels: Int, Hashable, Sendable {
    case gray = 1
    /// Red, green and blue.
    case color = 3
  }

  package let width: Int
  package let height: Int
  package let channels: Channels
  /// Rows from the top, pixels from the left, channels together.
  package var pixels: [UInt8]

  /// - Precondition: There are as many bytes as pixels times channels, and at least one pixel.
  package init(width: Int, height: Int, channels: Channels, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * channels.rawValue)
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The picture with squares instead of pixels, as large as possible with a longer side of at most
  /// `size`.
  package func enlarged(toShow size: Int) -> PixelImage {
    let factor = size / max(width, height)
    guard factor > 1 else { return self }
    let count = channels.rawValue
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count * factor * factor)
    for row in 0..<height {
      let line = pixels[row * width * count..<(row + 1) * width * count]
      var wide: [UInt8] = []
      for start in stride(from: line.startIndex, to: line.endIndex, by: count) {
        for _ in 0..<factor { wide += line[start..<start + count] }
      }
      for _ in 0..<factor { result += wide }
    }
    return PixelImage(
      width: width * factor, height: height * factor, channels: channels, pixels: result)
  }

  /// The picture as a PNG file of 8 bits a channel.
  package func png() throws(ChartError) -> Data {
    let format = channels == .gray ? CAIRO_FORMAT_A8 : CAIRO_FORMAT_RGB24
    let surface = cairo_image_surface_create(format, Int32(width), Int32(height))
    defer { cairo_surface_destroy(surface) }
    try Canvas.check(cairo_surface_status(surface))
    cairo_surface_flush(surface)
    guard let start = cairo_image_surface_get_data(surface) else {
      throw .cannotDraw(reason: "no memory for \(width)×\(height) pixels")
    }
    let stride = Int(cairo_image_surface_get_stride(surface))
    for row in 0..<height { write(row, to: start + row * stride) }
    cairo_surface_mark_dirty(surface)
    let sink = Canvas.Sink()
    try Canvas.check(
      cairo_surface_write_to_png_stream(
        surface, Canvas.append, Unmanaged.passUnretained(sink).toOpaque()))
    return withExtendedLifetime(sink) { sink.data }
  }

  /// Writes a row in cairo's format: bytes, or 32-bit integers 0x00RRGGBB.
  private func write(_ row: Int, to target: UnsafeMutablePointer<UInt8>) {
    switch channels {
    case .gray:
      for column in 0..<width { target[column] = pixels[row * width + column] }
    case .color:
      target.withMemoryRebound(to: UInt32.self, capacity: width) { target in
        for column in 0..<width {
          let source = (row * width + column) * 3
          target[column] =
            UInt32(pixels[source]) << 16 | UInt32(pixels[source + 1]) << 8
            | UInt32(pixels[source + 2])
        }
      }
    }
  }
}
