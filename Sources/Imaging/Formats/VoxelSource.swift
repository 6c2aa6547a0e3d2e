import Foundation

/// Provides the stored values of an image in order, independent of the file's layout.
protocol VoxelSource: AnyObject {
  /// Fills `buffer`, which has space for whole values, in this machine's byte order.
  ///
  /// - Returns: The number of bytes; fewer than fit only at the end.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int

  /// Reads the rest, so that damage after the values is noticed.
  func finish() throws(ImagingError)
}

/// An opened image file: its header and its values.
struct OpenVolume {
  var header: VolumeHeader
  var voxels: any VoxelSource
}

/// Values stored in a file in the same order as in memory, except for compression and byte order.
final class FileVoxels: VoxelSource {
  private var source: ByteSource
  private let width: Int
  private let isByteSwapped: Bool

  /// Opens a file with values.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - offset: The byte at which the values begin, or the compressed data.
  ///   - packing: How they are compressed; nil to decide by the first bytes.
  ///   - skipped: The number of bytes before the values, counted after inflation.
  ///   - header: The stated content of the file.
  ///   - isByteSwapped: Whether the values are in the other byte order than this machine's.
  /// - Throws: ``ImagingError/truncated(path:expectedBytes:availableBytes:)`` if the file cannot
  ///   contain that many.
  init(
    _ url: URL, from offset: Int, packing: ByteSource.Packing?, skipping skipped: Int = 0,
    header: VolumeHeader, isByteSwapped: Bool
  ) throws(ImagingError) {
    source = try ByteSource(at: url, from: offset, packing: packing)
    width = header.scalar.size
    self.isByteSwapped = isByteSwapped
    let size = header.byteCount.addingReportingOverflow(skipped)
    guard !size.overflow, source.canProvide(size.partialValue) else {
      throw .truncated(
        path: url.path, expectedBytes: header.byteCount, availableBytes: source.plainSize)
    }
    // If there are fewer, the first piece is incomplete, which is an error.
    _ = try source.skip(skipped)
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    let count = try source.fill(buffer)
    if isByteSwapped { VoxelConversion.swapBytes(buffer, width: width) }
    return count
  }

  func finish() throws(ImagingError) { try source.finish() }
}

/// Values that were decoded into memory.
final class MemoryVoxels: VoxelSource {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    let count = min(buffer.count, bytes.count - position)
    bytes.withUnsafeBytes { source in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
    }
    position += count
    return count
  }

  func finish() throws(ImagingError) {}
}
