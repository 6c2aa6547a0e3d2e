import Archives
import Arrays
import Foundation
import HostSystem

/// An image in the form for files: the values' bytes in this machine's order, with adjacent values
/// of each voxel.
struct StoredVolume {
  var header: VolumeHeader
  var bytes: [UInt8]

  /// A segmentation.
  init(_ volume: LabelVolume) {
    header = VolumeHeader(
      extents: Self.extents(volume.labels.shape, volume.geometry), scalar: .uint8,
      geometry: volume.geometry)
    bytes = volume.labels.scalars
  }

  /// An image; integers are rounded and kept within the range of their type.
  init(_ volume: ChannelVolume, as scalar: VoxelScalar) {
    header = VolumeHeader(
      extents: Self.extents(volume.volumeShape, volume.geometry), channels: volume.channels,
      isInterleaved: true, scalar: scalar, geometry: volume.geometry)
    let (channels, voxels) = (volume.channels, volume.volumeShape.trustedProduct)
    let planes = volume.voxels.scalars
    guard channels > 1 else {
      bytes = VoxelConversion.stored(planes, as: scalar)
      return
    }
    let values = [Float](unsafeUninitializedCapacity: planes.count) { buffer, count in
      for channel in 0..<channels {
        for voxel in 0..<voxels {
          buffer[voxel * channels + channel] = planes[channel * voxels + voxel]
        }
      }
      count = planes.count
    }
    bytes = VoxelConversion.stored(values, as: scalar)
  }

  /// The bytes with the most significant one of each value first.
  var bigEndianBytes: [UInt8] {
    guard Int16(1).bigEndian != 1 else { return bytes }
    // A copy, because arrays of bytes may not be aligned.
    let scratch = AlignedScratch(byteCount: max(bytes.count, 1))
    let buffer = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<bytes.count])
    buffer.copyBytes(from: bytes)
    VoxelConversion.swapBytes(buffer, width: header.scalar.size)
    return Array(buffer)
  }

  /// An image that was flat becomes flat again.
  private static func extents(_ shape: [Int], _ geometry: Geometry) -> [Int] {
    shape[0] == 1 && geometry.isFlat ? [shape[2], shape[1]] : shape.reversed()
  }

  /// The bytes, compressed.
  static func deflated(
    _ bytes: [UInt8], _ format: Deflater.Format, level: Int = 6
  ) -> [UInt8] {
    var output: [UInt8] = []
    let deflater = Deflater(format, level: level)
    bytes.withUnsafeBytes { buffer in
      // Appending here cannot fail.
      try? deflater.write(buffer, isLast: true) { output.append(contentsOf: $0) }
    }
    return output
  }

  /// Writes parts one after the other to a file that is complete or does not exist.
  static func write(_ parts: [[UInt8]], to url: URL) throws(ImagingError) {
    do throws(FileError) {
      try AtomicFile.write(to: url) { (file) throws(FileError) in
        for part in parts {
          let failure = part.withUnsafeBytes { bytes -> FileError? in
            do throws(FileError) { try file.write(bytes) } catch { return error }
            return nil
          }
          if let failure { throw failure }
        }
      }
    } catch {
      throw .file(error)
    }
  }
}
