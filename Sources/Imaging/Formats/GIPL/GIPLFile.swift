import Archives
import Foundation
import HostSystem

/// Reads and writes GIPL files, `.gipl` and `.gipl.gz`.
///
/// The header has 256 bytes; its numbers, and the voxels, have their most significant byte first. The format
/// has spacing and origin but no direction.
enum GIPLFile {
  private static let headerSize = 256
  private static let magic: [UInt32] = [0xEFFF_E9B0, 0x2AE3_89B8]

  /// Where the fields begin.
  private enum Offset {
    static let sizes = 0
    static let type = 8
    static let spacing = 10
    static let origin = 204
    static let magic = 252
  }

  /// Opens the file at `url`.
  static func open(_ url: URL) throws(ImagingError) -> OpenVolume {
    var source = try ByteSource(at: url)
    let bytes = try source.bytes(upTo: headerSize)
    let path = url.path
    guard bytes.count == headerSize else {
      throw .wrongFormat(path: path, format: "GIPL", reason: "it has only \(bytes.count) bytes")
    }
    let fields = BinaryFields(bytes: bytes, isBigEndian: true)
    guard magic.contains(fields.number(at: Offset.magic)) else {
      throw .wrongFormat(path: path, format: "GIPL", reason: "its magic number is wrong")
    }
    let header = try header(fields, path: path)
    return OpenVolume(
      header: header,
      voxels: try FileVoxels(
        url, from: 0, packing: nil, skipping: headerSize, header: header,
        isByteSwapped: Int16(1).bigEndian != 1))
  }

  private static func header(
    _ fields: BinaryFields, path: String
  ) throws(ImagingError) -> VolumeHeader {
    let sizes = (0..<4).map { axis -> Int in
      let size: UInt16 = fields.number(at: Offset.sizes + 2 * axis)
      return Int(size)
    }
    // Unused axes have no extent.
    let rank = sizes[2] > 0 ? 3 : 2
    let spacing = (0..<rank).map { Double(fields.float(at: Offset.spacing + 4 * $0)) }
    let origin = (0..<rank).map { fields.double(at: Offset.origin + 8 * $0) }
    guard let geometry = Geometry(spacing: spacing, origin: origin, axes: nil) else {
      throw .invalidHeader(
        path: path, field: "the spacing or the origin", value: "\(spacing), \(origin)",
        expected: "finite numbers, no spacing of 0")
    }
    let header = VolumeHeader(
      extents: Array(sizes.prefix(rank)), channels: max(sizes[3], 1),
      scalar: try scalar(fields, path: path), geometry: geometry)
    guard header.isPossible else {
      throw .invalidHeader(
        path: path, field: "the size", value: "\(sizes)", expected: "numbers of voxels")
    }
    return header
  }

  private static func scalar(
    _ fields: BinaryFields, path: String
  ) throws(ImagingError) -> VoxelScalar {
    let code: UInt16 = fields.number(at: Offset.type)
    switch code {
    case 1, 8: return .uint8
    case 7: return .int8
    case 15: return .int16
    case 16: return .uint16
    case 31: return .uint32
    case 32: return .int32
    case 64: return .float32
    case 65: return .float64
    default:
      throw .unsupported(path: path, feature: "its voxels have an unknown type (\(code))")
    }
  }

  /// Writes an image, compressed where the name ends with `.gz`.
  static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    let header = volume.header
    guard header.extents.allSatisfy({ $0 <= UInt16.max }), header.channels == 1 else {
      throw .cannotHold(
        path: url.path,
        reason: "GIPL files contain one channel of at most 65535 voxels along each axis")
    }
    guard let code = code(of: header.scalar) else {
      throw .cannotHold(path: url.path, reason: "GIPL files cannot contain 64-bit integers")
    }
    var fields = BinaryWriter(isBigEndian: true)
    let sizes = header.extents + Array(repeating: 0, count: 3 - header.extents.count) + [1]
    for size in sizes { fields.append(UInt16(clamping: size)) }
    fields.append(UInt16(code))
    for spacing in header.geometry.spacing + [1] { fields.append(Float(spacing).bitPattern) }
    fields.pad(to: Offset.origin)
    for place in header.geometry.origin + [0] { fields.append(place.bitPattern) }
    fields.pad(to: Offset.magic)
    fields.append(magic[0])
    let bytes = fields.bytes + volume.bigEndianBytes
    let isCompressed = url.lastPathComponent.lowercased().ends(with: ".gz")
    try StoredVolume.write(
      [isCompressed ? StoredVolume.deflated(bytes, .gzip) : bytes], to: url)
  }

  private static func code(of scalar: VoxelScalar) -> Int? {
    switch scalar {
    case .uint8: 8
    case .int8: 7
    case .int16: 15
    case .uint16: 16
    case .uint32: 31
    case .int32: 32
    case .float32: 64
    case .float64: 65
    case .int64, .uint64: nil
    }
  }
}
