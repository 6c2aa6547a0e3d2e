import HostSystem

/// How the pixels of one page of a TIFF file are stored.
///
/// They are stored in blocks, strips of rows or tiles, which are compressed separately.
struct TIFFPage {
  /// A part of the file with a block.
  struct Block {
    var offset: Int
    var byteCount: Int
  }

  let width: Int
  let height: Int
  let samples: Int
  /// Bits of a sample: 1, 8, 16, 32 or 64.
  let bits: Int
  let scalar: VoxelScalar
  /// Whether the samples of a pixel are adjacent.
  let isInterleaved: Bool
  let compression: TIFFCompression
  /// 1, or 2 if samples are differences, or 3 if the bytes of floating-point numbers are.
  let predictor: Int
  /// The pixels of a block; those at the right and lower edge of tiles are beyond the page.
  let blockWidth: Int
  let blockHeight: Int
  let isTiled: Bool
  let blocks: [Block]
  /// Whether the page is a smaller copy of another.
  let isReduced: Bool

  /// The number of blocks across, down, and for separate samples.
  var blocksAcross: Int { (width + blockWidth - 1) / blockWidth }
  var blocksDown: Int { (height + blockHeight - 1) / blockHeight }
  var planes: Int { isInterleaved ? 1 : samples }
  var samplesPerBlock: Int { isInterleaved ? samples : 1 }
  /// The bytes of a row of a block when it is decompressed.
  var blockStride: Int { (blockWidth * samplesPerBlock * bits + 7) / 8 }

  /// The rows of a block: the last strip of a page may have fewer.
  func rows(ofBlockRow row: Int) -> Int {
    isTiled ? blockHeight : min(blockHeight, height - row * blockHeight)
  }

  /// Whether another page contains an image of the same kind.
  func isLike(_ other: TIFFPage) -> Bool {
    (width, height, samples, bits) == (other.width, other.height, other.samples, other.bits)
      && scalar == other.scalar
  }

  init(_ directory: TIFFDirectory, in file: TIFFBytes) throws(ImagingError) {
    width = try directory.number(256, or: 0)
    height = try directory.number(257, or: 0)
    samples = try directory.number(277, or: 1)
    isReduced = try directory.number(254, or: 0) & 1 == 1
    guard (1...Int(Int32.max)).contains(width), (1...Int(Int32.max)).contains(height),
      (1...Int(UInt16.max)).contains(samples)
    else {
      throw file.damaged(
        "the size", "\(width)×\(height) with \(samples) samples", expected: "numbers of pixels")
    }
    let allBits = try directory.numbers(258) ?? [1]
    bits = allBits.first ?? 1
    guard allBits.allSatisfy({ $0 == allBits[0] }) else {
      throw .unsupported(path: file.path, feature: "its samples have different numbers of bits")
    }
    scalar = try Self.scalar(
      bits: bits, format: try directory.number(339, or: 1), path: file.path)
    let photometric = try directory.number(262, or: 1)
    guard [0, 1, 2, 3, 4, 5, 32844, 34892].contains(photometric) else {
      throw .unsupported(path: file.path, feature: "its colors are not red, green and blue")
    }
    isInterleaved = try directory.number(284, or: 1) != 2
    guard try directory.number(266, or: 1) == 1 else {
      throw .unsupported(path: file.path, feature: "the bits of its bytes are reversed")
    }
    guard try directory.number(32997, or: 1) == 1 else {
      throw .unsupported(path: file.path, feature: "its pages are volumes")
    }
    compression = try TIFFCompression(try directory.number(259, or: 1), path: file.path)
    predictor = try directory.number(317, or: 1)
    guard
      predictor == 1 || predictor == 2 && bits >= 8
        || predictor == 3 && [.float32, .float64].contains(scalar)
    else { throw .unsupported(path: file.path, feature: "its predictor is number \(predictor)") }
    isTiled = try directory.numbers(322) != nil
    blockWidth = isTiled ? try directory.number(322, or: 0) : width
    let rows = try directory.number(isTiled ? 323 : 278, or: height)
    blockHeight = isTiled ? rows : min(rows, height)
    guard (1...Int(Int32.max)).contains(blockWidth), (1...Int(Int32.max)).contains(blockHeight)
    else {
      throw file.damaged(
        "the size of a part", "\(blockWidth)×\(blockHeight)", expected: "numbers of pixels")
    }
    blocks = try Self.blocks(directory, isTiled: isTiled, in: file)
    try requireBlocks(in: file)
  }

  private static func blocks(
    _ directory: TIFFDirectory, isTiled: Bool, in file: TIFFBytes
  ) throws(ImagingError) -> [Block] {
    let offsets = try directory.numbers(isTiled ? 324 : 273) ?? []
    let counts = try directory.numbers(isTiled ? 325 : 279) ?? []
    guard offsets.count == counts.count else {
      throw file.damaged(
        "the number of parts", "\(offsets.count), \(counts.count)", expected: "the same twice")
    }
    var blocks: [Block] = []
    for (offset, count) in zip(offsets, counts) {
      guard count <= file.bytes.count, offset <= file.bytes.count - count else {
        throw .truncated(
          path: file.path, expectedBytes: offset.addingReportingOverflow(count).partialValue,
          availableBytes: file.bytes.count)
      }
      blocks.append(Block(offset: offset, byteCount: count))
    }
    return blocks
  }

  /// Checks that no block is missing, and that their content can be as large as required.
  private func requireBlocks(in file: TIFFBytes) throws(ImagingError) {
    let needed = checkedProduct([blocksAcross, blocksDown, planes])
    guard let needed, needed <= blocks.count else {
      throw .truncated(
        path: file.path, expectedBytes: needed ?? .max, availableBytes: blocks.count)
    }
    let pixels = checkedProduct([blockWidth, samplesPerBlock, bits, blockHeight])
    guard pixels != nil else {
      throw file.damaged(
        "the size of a part", "\(blockWidth)×\(blockHeight)", expected: "numbers of pixels")
    }
    for index in 0..<needed {
      let size = blockStride * rows(ofBlockRow: index / blocksAcross % blocksDown)
      guard size / compression.largestGrowth <= blocks[index].byteCount else {
        throw .truncated(
          path: file.path, expectedBytes: size, availableBytes: blocks[index].byteCount)
      }
    }
  }

  private static func scalar(
    bits: Int, format: Int, path: String
  ) throws(ImagingError) -> VoxelScalar {
    switch (bits, format) {
    case (1, 1), (8, 1), (8, 4): return .uint8
    case (16, 1), (16, 4): return .uint16
    case (32, 1), (32, 4): return .uint32
    case (64, 1), (64, 4): return .uint64
    case (8, 2): return .int8
    case (16, 2): return .int16
    case (32, 2): return .int32
    case (64, 2): return .int64
    case (32, 3): return .float32
    case (64, 3): return .float64
    default:
      throw .unsupported(
        path: path, feature: "its samples have \(bits) bits in the format number \(format)")
    }
  }
}
