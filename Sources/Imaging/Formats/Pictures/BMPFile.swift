import Foundation
import HostSystem

/// Reads and writes BMP pictures.
///
/// Colors are the channels red, green, blue and possibly alpha. A gray palette gives one channel,
/// as in the library with which nnU-Net v2 reads pictures.
enum BMPFile {
  /// Opens the file at `url`.
  static func open(_ url: URL) throws(ImagingError) -> OpenVolume {
    var source = try ByteSource(at: url, packing: .plain)
    let bytes = try source.bytes(upTo: source.plainSize)
    let layout = try BMPLayout(bytes, path: url.path)
    let header = VolumeHeader(
      extents: [layout.width, layout.height], channels: layout.pixels.channels,
      isInterleaved: true, scalar: .uint8, geometry: Geometry(flat: [1, 1]))
    return OpenVolume(header: header, voxels: MemoryVoxels(layout.decoded(bytes)))
  }

  /// Writes a picture of one or three channels of 8 bits.
  static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    let header = volume.header
    let (channels, shape) = (header.channels, header.volumeShape)
    guard shape[0] == 1, header.scalar == .uint8, channels == 1 || channels == 3 else {
      throw .cannotHold(
        path: url.path, reason: "BMP pictures contain one slice of one or three channels of 8 bits")
    }
    let (width, height) = (shape[2], shape[1])
    // Rows end at a multiple of four bytes.
    let stride = (width * channels + 3) / 4 * 4
    let paletteSize = channels == 1 ? 1024 : 0
    let dataOffset = 54 + paletteSize
    guard let size = UInt32(exactly: dataOffset + stride * height) else {
      throw .cannotHold(path: url.path, reason: "BMP pictures have at most 4 GB")
    }
    var file = BinaryWriter(isBigEndian: false)
    file.bytes += Array("BM".utf8)
    for number in [size, 0, UInt32(dataOffset), 40] { file.append(number) }
    file.append(Int32(clamping: width))
    file.append(Int32(clamping: height))
    file.append(UInt16(1))
    file.append(UInt16(8 * channels))
    file.pad(to: 54)
    if channels == 1 {
      for gray in UInt8.min...UInt8.max { file.bytes += [gray, gray, gray, 0] }
    }
    for row in (0..<height).reversed() {
      let values = volume.bytes[row * width * channels..<(row + 1) * width * channels]
      if channels == 1 {
        file.bytes += values
      } else {
        for start in pixels(of: values) {
          file.bytes += [values[start + 2], values[start + 1], values[start]]
        }
      }
      file.bytes += Array(repeating: 0, count: stride - width * channels)
    }
    try StoredVolume.write([file.bytes], to: url)
  }

  /// Where the pixels of a row of three channels begin.
  private static func pixels(of row: ArraySlice<UInt8>) -> StrideTo<Int> {
    Swift.stride(from: row.startIndex, to: row.endIndex, by: 3)
  }
}
