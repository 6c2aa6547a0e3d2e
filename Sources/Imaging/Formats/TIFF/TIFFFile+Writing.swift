import Archives
import Foundation
import HostSystem

extension TIFFFile {
  /// Writes an image: a page with all samples, or a page for each slice, with the spacing in a file
  /// next to it.
  static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    let (header, shape) = (volume.header, volume.header.volumeShape)
    guard header.channels == 1 || shape[0] == 1 else {
      throw .cannotHold(path: url.path, reason: "TIFF volumes contain one channel")
    }
    let pageSize = volume.bytes.count / shape[0]
    var file = BinaryWriter(isBigEndian: Int16(1).bigEndian == 1)
    file.bytes += Array((file.isBigEndian ? "MM" : "II").utf8)
    file.append(UInt16(42))
    // The place for the position of the next directory.
    var link = file.bytes.count
    file.append(UInt32(0))
    for slice in 0..<shape[0] {
      let values = Array(volume.bytes[slice * pageSize..<(slice + 1) * pageSize])
      let strip = StoredVolume.deflated(values, .zlib)
      let start = file.bytes.count
      file.bytes += strip
      if !file.bytes.count.isMultiple(of: 2) { file.bytes.append(0) }
      guard let directory = UInt32(exactly: file.bytes.count), directory < UInt32.max - (1 << 20)
      else { throw .cannotHold(path: url.path, reason: "TIFF files have at most 4 GB") }
      file.replace(directory, at: link)
      link = append(header, stripAt: start, strip.count, to: &file)
    }
    if shape[0] > 1 { try TIFFSpacing.write(header.geometry.spacing, beside: url) }
    try StoredVolume.write([file.bytes], to: url)
  }

  /// Appends a directory and returns the place for the position of the next one.
  private static func append(
    _ header: VolumeHeader, stripAt start: Int, _ size: Int, to file: inout BinaryWriter
  ) -> Int {
    let channels = header.channels
    let format = [.float32, .float64].contains(header.scalar) ? 3 : isSigned(header.scalar) ? 2 : 1
    let isColored = channels == 3 || channels == 4
    let extra = isColored ? channels - 3 : channels - 1
    // A tag, whether its numbers have two bytes or four, and the numbers.
    var entries: [(tag: Int, isShort: Bool, values: [Int])] = [
      (256, false, [header.extents[0]]), (257, false, [header.extents[1]]),
      (258, true, Array(repeating: 8 * header.scalar.size, count: channels)), (259, true, [8]),
      (262, true, [isColored ? 2 : 1]), (273, false, [start]), (277, true, [channels]),
      (278, false, [header.extents[1]]), (279, false, [size]), (284, true, [1]),
    ]
    // The meaning of further samples is not known.
    if extra > 0 { entries.append((338, true, Array(repeating: 0, count: extra))) }
    entries.append((339, true, Array(repeating: format, count: channels)))
    var further = file.bytes.count + 2 + 12 * entries.count + 4
    var behind = BinaryWriter(isBigEndian: file.isBigEndian)
    file.append(UInt16(clamping: entries.count))
    for entry in entries {
      file.append(UInt16(clamping: entry.tag))
      file.append(UInt16(entry.isShort ? 3 : 4))
      file.append(UInt32(clamping: entry.values.count))
      var value = BinaryWriter(isBigEndian: file.isBigEndian)
      for number in entry.values {
        if entry.isShort {
          value.append(UInt16(clamping: number))
        } else {
          value.append(UInt32(clamping: number))
        }
      }
      if value.bytes.count <= 4 {
        value.pad(to: 4)
        file.bytes += value.bytes
      } else {
        file.append(UInt32(clamping: further))
        further += value.bytes.count
        behind.bytes += value.bytes
      }
    }
    let link = file.bytes.count
    file.append(UInt32(0))
    file.bytes += behind.bytes
    return link
  }

  private static func isSigned(_ scalar: VoxelScalar) -> Bool {
    [.int8, .int16, .int32, .int64].contains(scalar)
  }
}
