import CPNG
import Foundation
import HostSystem

/// Reads and writes PNG pictures with libpng.
///
/// Colors are the channels red, green, blue and possibly alpha. The values are the same as in
/// nnU-Net v2's reader: palettes become colors, gray pictures of 16 bits keep them, colors of 16
/// bits lose their lower half.
enum PNGFile {
  /// Opens the file at `url`.
  static func open(_ url: URL) throws(ImagingError) -> OpenVolume {
    var source = try ByteSource(at: url, packing: .plain)
    let bytes = try source.bytes(upTo: source.plainSize)
    let path = url.path
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      throw .wrongFormat(
        path: path, format: "PNG", reason: "it does not begin with a PNG signature")
    }
    var picture = png_picture()
    try read(bytes, &picture, into: nil, path: path)
    let header = VolumeHeader(
      extents: [Int(picture.width), Int(picture.height)], channels: Int(picture.channels),
      isInterleaved: true, scalar: picture.bits == 16 ? .uint16 : .uint8,
      geometry: Geometry(flat: [1, 1]))
    guard header.isPossible else {
      throw .invalidHeader(
        path: path, field: "the size", value: "\(picture.width)×\(picture.height)",
        expected: "numbers of pixels")
    }
    return OpenVolume(header: header, voxels: PNGVoxels(bytes, header, path: path))
  }

  /// Calls libpng once, for the header or also for the values.
  static func read(
    _ bytes: [UInt8], _ picture: inout png_picture, into values: UnsafeMutablePointer<UInt8>?,
    path: String
  ) throws(ImagingError) {
    let status = bytes.withUnsafeBytes {
      png_picture_read($0.baseAddress, $0.count, &picture, values)
    }
    guard status == 0 else { throw damaged(picture, path: path) }
  }

  /// Writes a picture of one to four channels of 8 or 16 bits.
  static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    let header = volume.header
    let (channels, shape) = (header.channels, header.volumeShape)
    guard shape[0] == 1, [.uint8, .uint16].contains(header.scalar), (1...4).contains(channels)
    else {
      throw .cannotHold(
        path: url.path,
        reason: "PNG pictures contain one slice of one to four channels of 8 or 16 bits")
    }
    var picture = png_picture()
    picture.width = UInt32(clamping: shape[2])
    picture.height = UInt32(clamping: shape[1])
    picture.channels = Int32(channels)
    picture.bits = Int32(8 * header.scalar.size)
    picture.stride = shape[2] * channels * header.scalar.size
    var output = png_output()
    guard png_picture_write(&picture, volume.bytes, &output) == 0 else {
      throw damaged(picture, path: url.path)
    }
    defer { free(output.bytes) }
    let bytes = Array(UnsafeBufferPointer(start: output.bytes, count: output.count))
    try StoredVolume.write([bytes], to: url)
  }

  private static func damaged(_ picture: png_picture, path: String) -> ImagingError {
    let message = withUnsafeBytes(of: picture.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .damagedCompression(path: path, reason: "libpng says: \(message)")
  }
}

/// The pixels of a PNG picture, decoded when the first one is requested.
private final class PNGVoxels: VoxelSource {
  private let bytes: [UInt8]
  private let header: VolumeHeader
  private let path: String
  private var decoded: MemoryVoxels?

  init(_ bytes: [UInt8], _ header: VolumeHeader, path: String) {
    (self.bytes, self.header, self.path) = (bytes, header, path)
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    if let decoded { return try decoded.fill(buffer) }
    var picture = png_picture()
    var values = [UInt8](repeating: 0, count: header.byteCount)
    let path = path
    var failure: ImagingError?
    values.withUnsafeMutableBufferPointer { target in
      do throws(ImagingError) {
        try PNGFile.read(bytes, &picture, into: target.baseAddress, path: path)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    let decoded = MemoryVoxels(values)
    self.decoded = decoded
    return try decoded.fill(buffer)
  }

  func finish() throws(ImagingError) {}
}
