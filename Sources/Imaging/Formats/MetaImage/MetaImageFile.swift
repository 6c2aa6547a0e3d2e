import Foundation
import HostSystem

/// Reads and writes MetaImage files: `.mha`, and `.mhd` with the voxels in another file.
enum MetaImageFile {
  /// Opens the file at `url`.
  static func open(_ url: URL) throws(ImagingError) -> OpenVolume {
    let fields = try MetaImageHeader(at: url)
    let header = try header(fields, path: url.path)
    var (file, start) = (url, fields.byteCount)
    guard let name = fields["ElementDataFile"] else { throw fields.missing("ElementDataFile") }
    if !name.lowercased().isExactly("local") {
      guard !name.begins(with: "LIST"), !name.holds("%") else {
        throw .unsupported(path: url.path, feature: "its voxels are in several files")
      }
      (file, start) = (try dataFile(named: name, of: url, field: "ElementDataFile"), 0)
    }
    return OpenVolume(header: header, voxels: try voxels(fields, header, file, from: start))
  }

  private static func voxels(
    _ fields: MetaImageHeader, _ header: VolumeHeader, _ file: URL, from start: Int
  ) throws(ImagingError) -> any VoxelSource {
    guard try fields.flag("BinaryData") ?? true else {
      return try TextVoxels(file, from: start, header: header)
    }
    let order = fields["BinaryDataByteOrderMSB"] == nil ? "Element" : "BinaryData"
    let isBigEndian = try fields.flag(order + "ByteOrderMSB") ?? false
    let isCompressed = try fields.flag("CompressedData") ?? false
    let skipped = try fields.integer("HeaderSize") ?? 0
    guard skipped >= -1 else { throw fields.wrong("HeaderSize", expected: "-1 or more") }
    let offset =
      skipped >= 0
      ? start.addingReportingOverflow(skipped).partialValue
      // -1: the voxels are the last bytes of the file.
      : max(start, try ByteSource(at: file, packing: .plain).plainSize - header.byteCount)
    guard offset >= 0 else { throw fields.wrong("HeaderSize", expected: "a position in the file") }
    return try FileVoxels(
      file, from: offset, packing: isCompressed ? .zlib : .plain, header: header,
      isByteSwapped: isBigEndian != (Int16(1).bigEndian == 1))
  }

  private static func header(
    _ fields: MetaImageHeader, path: String
  ) throws(ImagingError) -> VolumeHeader {
    guard let rank = try fields.integer("NDims") else { throw fields.missing("NDims") }
    guard let sizes = fields.numbers("DimSize") else { throw fields.missing("DimSize") }
    guard sizes.count == rank else { throw fields.wrong("DimSize", expected: "\(rank) numbers") }
    let extents = sizes.map { Int(exactly: $0) ?? 0 }
    guard (2...4).contains(rank) else {
      throw .wrongDimensions(path: path, extents: extents, expected: "2 or 3")
    }
    let values = try fields.integer("ElementNumberOfChannels") ?? 1
    guard rank < 4 || values == 1 else {
      throw .unsupported(path: path, feature: "it has four axes and several channels")
    }
    // Images along a fourth axis are channels.
    let header = VolumeHeader(
      extents: Array(extents.prefix(3)), channels: rank == 4 ? extents[3] : values,
      isInterleaved: rank < 4, scalar: try scalar(fields), geometry: try geometry(fields, rank))
    guard header.isPossible else { throw fields.wrong("DimSize", expected: "numbers of voxels") }
    return header
  }

  private static func geometry(
    _ fields: MetaImageHeader, _ rank: Int
  ) throws(ImagingError) -> Geometry {
    func numbers(
      _ names: [String], count: Int, or standard: [Double]
    ) throws(ImagingError) -> [Double] {
      guard let name = names.first(where: { fields[$0] != nil }) else { return standard }
      guard let values = fields.numbers(name), values.count == count else {
        throw fields.wrong(name, expected: "\(count) numbers")
      }
      return values
    }
    let ones = [Double](repeating: 1, count: rank)
    let spacing = try numbers(["ElementSpacing", "ElementSize"], count: rank, or: ones)
    let origin = try numbers(
      ["Offset", "Position", "Origin"], count: rank, or: ones.map { _ in 0 })
    let unit = (0..<rank * rank).map { $0 % (rank + 1) == 0 ? 1.0 : 0 }
    let matrix = try numbers(
      ["TransformMatrix", "Rotation", "Orientation"], count: rank * rank, or: unit)
    // Each row is the direction of an axis. A fourth axis is not spatial.
    let spatial = min(rank, 3)
    let axes = (0..<spatial).map { axis in (0..<spatial).map { matrix[axis * rank + $0] } }
    guard
      let geometry = Geometry(
        spacing: Array(spacing.prefix(spatial)), origin: Array(origin.prefix(spatial)), axes: axes)
    else {
      let isSpacing = spacing.contains { $0 == 0 || !$0.isFinite }
      throw fields.wrong(
        isSpacing ? "ElementSpacing" : "TransformMatrix", expected: "axes that span the space")
    }
    return geometry
  }

  private static func scalar(_ fields: MetaImageHeader) throws(ImagingError) -> VoxelScalar {
    switch fields["ElementType"] {
    case "MET_CHAR", "MET_ASCII_CHAR": return .int8
    case "MET_UCHAR": return .uint8
    case "MET_SHORT": return .int16
    case "MET_USHORT": return .uint16
    // The format's long integers have four bytes on every machine.
    case "MET_INT", "MET_LONG": return .int32
    case "MET_UINT", "MET_ULONG": return .uint32
    case "MET_LONG_LONG": return .int64
    case "MET_ULONG_LONG": return .uint64
    case "MET_FLOAT": return .float32
    case "MET_DOUBLE": return .float64
    case nil: throw fields.missing("ElementType")
    default: throw fields.wrong("ElementType", expected: "a type of number")
    }
  }
}
