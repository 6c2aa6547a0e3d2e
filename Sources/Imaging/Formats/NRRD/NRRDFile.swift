import Foundation
import HostSystem

/// Reads and writes NRRD files: `.nrrd`, `.seg.nrrd`, and `.nhdr` with the voxels in another file.
///
/// The geometry is ITK's interpretation of the header, in LPS coordinates.
enum NRRDFile {
  /// Opens the file at `url`.
  static func open(_ url: URL) throws(ImagingError) -> OpenVolume {
    let fields = try NRRDHeader(at: url)
    let layout = try NRRDLayout(fields, path: url.path)
    let header = VolumeHeader(
      extents: layout.extents, channels: layout.channels, isInterleaved: layout.isInterleaved,
      scalar: try scalar(fields), geometry: try NRRDGeometry(fields, layout).geometry)
    guard header.isPossible else { throw fields.wrong("sizes", expected: "numbers of voxels") }
    var (file, start) = (url, fields.byteCount)
    if let name = fields["datafile"] {
      guard !name.begins(with: "LIST"), !name.holds("%") else {
        throw .unsupported(path: url.path, feature: "its voxels are in several files")
      }
      (file, start) = (try dataFile(named: name, of: url, field: "data file"), 0)
    }
    return OpenVolume(header: header, voxels: try voxels(fields, header, file, from: start))
  }

  private static func voxels(
    _ fields: NRRDHeader, _ header: VolumeHeader, _ file: URL, from start: Int
  ) throws(ImagingError) -> any VoxelSource {
    let start = try position(after: fields.integer("lineskip") ?? 0, linesFrom: start, file, fields)
    let skipped = try fields.integer("byteskip") ?? 0
    guard skipped >= -1 else { throw fields.wrong("byteskip", expected: "-1 or more") }
    let encoding = fields["encoding"]?.lowercased() ?? ""
    if ["ascii", "text", "txt"].contains(encoding) {
      return try TextVoxels(file, from: start, header: header)
    }
    let isByteSwapped = try isByteSwapped(fields, header.scalar)
    switch encoding {
    case "raw":
      // -1: the voxels are the last bytes of the file.
      let offset =
        skipped >= 0
        ? start.addingReportingOverflow(skipped).partialValue
        : max(start, try size(of: file) - header.byteCount)
      guard offset >= 0 else { throw fields.wrong("byteskip", expected: "a position in the file") }
      return try FileVoxels(
        file, from: offset, packing: .plain, header: header, isByteSwapped: isByteSwapped)
    case "gzip", "gz":
      guard skipped >= 0 else { throw fields.wrong("byteskip", expected: "0 or more") }
      return try FileVoxels(
        file, from: start, packing: .gzip, skipping: skipped, header: header,
        isByteSwapped: isByteSwapped)
    case "bzip2", "bz2", "hex", "zrl":
      throw .unsupported(path: file.path, feature: "its encoding is \(encoding)")
    default: throw fields.wrong("encoding", expected: "raw, gzip or ascii")
    }
  }

  /// The start of the data after a number of lines.
  private static func position(
    after lines: Int, linesFrom start: Int, _ file: URL, _ fields: NRRDHeader
  ) throws(ImagingError) -> Int {
    guard lines > 0 else { return start }
    var source = try ByteSource(at: file, from: start, packing: .plain)
    var position = start
    var rest = lines
    while rest > 0 {
      let bytes = try source.bytes(upTo: 1 << 14)
      guard !bytes.isEmpty else { throw fields.wrong("lineskip", expected: "lines of the file") }
      for byte in bytes where rest > 0 {
        position += 1
        if byte == UInt8(ascii: "\n") { rest -= 1 }
      }
    }
    return position
  }

  private static func size(of file: URL) throws(ImagingError) -> Int {
    try ByteSource(at: file, packing: .plain).plainSize
  }

  private static func isByteSwapped(
    _ fields: NRRDHeader, _ scalar: VoxelScalar
  ) throws(ImagingError) -> Bool {
    guard scalar.size > 1 else { return false }
    switch fields["endian"]?.lowercased() {
    case "little": return Int16(1).littleEndian != 1
    case "big": return Int16(1).bigEndian != 1
    case nil: throw fields.missing("endian")
    default: throw fields.wrong("endian", expected: "little or big")
    }
  }

  private static func scalar(_ fields: NRRDHeader) throws(ImagingError) -> VoxelScalar {
    guard let name = fields.words("type")?.joined(separator: " ") else {
      throw fields.missing("type")
    }
    switch name {
    case "signed char", "int8", "int8_t": return .int8
    case "uchar", "unsigned char", "uint8", "uint8_t": return .uint8
    case "short", "short int", "signed short", "signed short int", "int16", "int16_t":
      return .int16
    case "ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t": return .uint16
    case "int", "signed int", "int32", "int32_t": return .int32
    case "uint", "unsigned int", "uint32", "uint32_t": return .uint32
    case "longlong", "long long", "long long int", "signed long long", "signed long long int",
      "int64", "int64_t":
      return .int64
    case "ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t":
      return .uint64
    case "float": return .float32
    case "double": return .float64
    default: throw fields.wrong("type", expected: "a type of number")
    }
  }
}
