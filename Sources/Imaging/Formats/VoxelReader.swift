import Foundation

/// Reads the voxels of one open file in order, in pieces that fit into the cache.
struct VoxelReader: ~Copyable {
  let header: NIfTIHeader
  private let path: String
  private var source: ByteSource
  private let scratch = AlignedScratch(byteCount: 1 << 16)
  private var chunk: UnsafeMutableRawBufferPointer { scratch.bytes }

  /// Opens the file, reads its header and checks that it can contain the voxels.
  init(at url: URL) throws(ImagingError) {
    var source = try ByteSource(at: url)
    var leading = try source.bytes(upTo: NIfTILayout.version1.size)
    if leading.starts(with: [0x1C, 2, 0, 0]) || leading.starts(with: [0, 0, 2, 0x1C]) {
      leading += try source.bytes(upTo: NIfTILayout.version2.size - leading.count)
    }
    let header = try NIfTIHeader(parsing: leading, path: url.path)
    let size = header.dataOffset + header.voxelCount * header.scalar.size
    guard source.canProvide(size) else {
      throw .truncated(path: url.path, expectedBytes: size, availableBytes: source.plainSize)
    }
    // The bytes between header and voxels: four flag bytes and possibly extensions.
    var rest = header.dataOffset - leading.count
    while rest > 0 {
      let skipped = try source.bytes(upTo: min(rest, 1 << 16)).count
      guard skipped > 0 else {
        throw .truncated(path: url.path, expectedBytes: size, availableBytes: source.plainSize)
      }
      rest -= skipped
    }
    self.header = header
    self.path = url.path
    self.source = source
  }

  private mutating func require(_ piece: UnsafeMutableRawBufferPointer) throws(ImagingError) {
    let filled = try source.fill(piece)
    guard filled == piece.count else {
      let expected = header.dataOffset + header.voxelCount * header.scalar.size
      throw .truncated(path: path, expectedBytes: expected, availableBytes: source.plainSize)
    }
  }

  /// Calls `body` with the next voxels in pieces, in this machine's byte order.
  ///
  /// - Parameters:
  ///   - count: The number of voxels.
  ///   - body: Receives the bytes of a piece and the position of its first voxel among the `count`.
  /// - Throws: ``ImagingError/truncated(path:expectedBytes:availableBytes:)`` if the file ends
  ///   before, ``ImagingError/damagedCompression(path:reason:)`` for wrong gzip data, and what
  ///   `body` throws.
  mutating func forEachPiece(
    ofNext count: Int,
    _ body: (UnsafeRawBufferPointer, Int) throws(ImagingError) -> Void
  ) throws(ImagingError) {
    let width = header.scalar.size
    let capacity = chunk.count / width
    var position = 0
    while position < count {
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: chunk[..<(min(capacity, count - position) * width)])
      try require(piece)
      if header.isByteSwapped { VoxelConversion.swapBytes(piece, width: width) }
      try body(UnsafeRawBufferPointer(piece), position)
      position += piece.count / width
    }
  }

  /// Reads the rest, so that damage after the voxels is noticed.
  mutating func finish() throws(ImagingError) { try source.finish() }
}

/// Memory aligned for every type of voxel.
final class AlignedScratch {
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) { bytes = .allocate(byteCount: byteCount, alignment: 16) }

  deinit { bytes.deallocate() }
}
