import Archives
import Foundation
import HostSystem

extension MetaImageFile {
  /// Writes an image, compressed; for `.mhd`, the voxels are written to `NAME.zraw` next to it.
  static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    let data = StoredVolume.deflated(volume.bytes, .zlib)
    let name = url.lastPathComponent
    let isApart = name.lowercased().ends(with: ".mhd")
    let dataName =
      isApart ? String(decoding: name.utf8.dropLast(4), as: UTF8.self) + ".zraw" : "LOCAL"
    let header = Array(
      header(of: volume.header, compressedSize: data.count, dataFile: dataName).utf8)
    guard isApart else { return try StoredVolume.write([header, data], to: url) }
    // The header comes last: if it exists, everything does.
    try StoredVolume.write(
      [data], to: url.deletingLastPathComponent().appending(path: dataName))
    try StoredVolume.write([header], to: url)
  }

  private static func header(
    of volume: VolumeHeader, compressedSize: Int, dataFile: String
  ) -> String {
    let rank = volume.extents.count
    let geometry = volume.geometry
    func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }
    let rows = (0..<rank).flatMap { axis in (0..<rank).map { geometry.direction[3 * $0 + axis] } }
    var lines = [
      "ObjectType = Image", "NDims = \(rank)", "BinaryData = True",
      "BinaryDataByteOrderMSB = " + (Int16(1).bigEndian == 1 ? "True" : "False"),
      "CompressedData = True", "CompressedDataSize = \(compressedSize)",
      "TransformMatrix = " + list(rows),
      "Offset = " + list(Array(geometry.origin.prefix(rank))),
      "CenterOfRotation = " + list(Array(repeating: 0, count: rank)),
      "ElementSpacing = " + list(Array(geometry.spacing.prefix(rank))),
      "DimSize = " + volume.extents.map { "\($0)" }.joined(separator: " "),
    ]
    if volume.channels > 1 { lines.append("ElementNumberOfChannels = \(volume.channels)") }
    lines += ["ElementType = \(name(of: volume.scalar))", "ElementDataFile = \(dataFile)"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func name(of scalar: VoxelScalar) -> String {
    switch scalar {
    case .uint8: "MET_UCHAR"
    case .int8: "MET_CHAR"
    case .uint16: "MET_USHORT"
    case .int16: "MET_SHORT"
    case .uint32: "MET_UINT"
    case .int32: "MET_INT"
    case .uint64: "MET_ULONG_LONG"
    case .int64: "MET_LONG_LONG"
    case .float32: "MET_FLOAT"
    case .float64: "MET_DOUBLE"
    }
  }
}
