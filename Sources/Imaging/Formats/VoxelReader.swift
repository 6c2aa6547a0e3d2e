import Foundation

/// Reads the voxels of one open file in order, in pieces that fit into the cache.
struct VoxelReader: ~Copyable {
  let header: NIfTIHeader
  private let path: String
  private var source: ByteSource
  private let scratch = AlignedScratch(byteCount: 1 << 16)

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
    guard try source.skip(header.dataOffset - leading.count) else {
      throw .truncated(path: url.path, expectedBytes: size, availableBytes: source.plainSize)
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
    try Imaging.forEachPiece(
      of: count, width: header.scalar.size, in: scratch,
      fill: { (piece) throws(ImagingError) in
        try require(piece)
        if header.isByteSwapped { VoxelConversion.swapBytes(piece, width: header.scalar.size) }
      }, body)
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
