import Archives
import Foundation
import HostSystem

extension NRRDFile {
  /// Writes an image, compressed; for `.nhdr`, the voxels are written to `NAME.raw.gz` next to it.
  static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    let data = StoredVolume.deflated(volume.bytes, .gzip)
    let name = url.lastPathComponent
    guard name.lowercased().ends(with: ".nhdr") else {
      let header = Array((header(of: volume.header) + "\n").utf8)
      return try StoredVolume.write([header, data], to: url)
    }
    let dataName = String(decoding: name.utf8.dropLast(5), as: UTF8.self) + ".raw.gz"
    // The header comes last: if it exists, everything does.
    try StoredVolume.write(
      [data], to: url.deletingLastPathComponent().appending(path: dataName))
    try StoredVolume.write(
      [Array((header(of: volume.header) + "data file: \(dataName)\n").utf8)], to: url)
  }

  private static func header(of volume: VolumeHeader) -> String {
    let rank = volume.extents.count
    let (geometry, hasChannels) = (volume.geometry, volume.channels > 1)
    func vector(_ numbers: [Double]) -> String {
      "(" + numbers.map { "\($0)" }.joined(separator: ",") + ")"
    }
    let axes = (0..<rank).map { axis in
      vector((0..<rank).map { geometry.direction[3 * $0 + axis] * geometry.spacing[axis] })
    }
    let channels = hasChannels ? ["\(volume.channels)"] : []
    var lines = [
      "NRRD0004", "type: \(name(of: volume.scalar))",
      "dimension: \(rank + channels.count)",
      // ITK identifies the space of three axes by its name, and that of two by its dimension.
      rank == 3 ? "space: left-posterior-superior" : "space dimension: 2",
      "sizes: " + (channels + volume.extents.map { "\($0)" }).joined(separator: " "),
      "space directions: " + ((hasChannels ? ["none"] : []) + axes).joined(separator: " "),
      "kinds: "
        + ((hasChannels ? ["vector"] : []) + axes.map { _ in "domain" }).joined(separator: " "),
    ]
    if volume.scalar.size > 1 {
      lines.append("endian: " + (Int16(1).littleEndian == 1 ? "little" : "big"))
    }
    lines += [
      "encoding: gzip", "space origin: " + vector(Array(geometry.origin.prefix(rank))),
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func name(of scalar: VoxelScalar) -> String {
    switch scalar {
    case .uint8: "unsigned char"
    case .int8: "signed char"
    case .uint16: "unsigned short"
    case .int16: "short"
    case .uint32: "unsigned int"
    case .int32: "int"
    case .uint64: "unsigned long long int"
    case .int64: "long long int"
    case .float32: "float"
    case .float64: "double"
    }
  }
}
