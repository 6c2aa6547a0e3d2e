import Foundation
import HostSystem

/// The samples of TIFF pages, decoded one row of blocks at a time.
final class TIFFVoxels: VoxelSource {
  private let mapped: MappedFile
  private let file: TIFFBytes
  private let pages: [TIFFPage]
  private var page = 0
  private var blockRow = 0
  /// Decoded rows in this machine's byte order, with adjacent samples of each pixel.
  private var band: [UInt8] = []
  private var position = 0

  init(_ mapped: MappedFile, _ file: TIFFBytes, _ pages: [TIFFPage]) {
    (self.mapped, self.file, self.pages) = (mapped, file, pages)
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    var filled = 0
    while filled < buffer.count {
      if position == band.count {
        guard page < pages.count else { break }
        try decodeBand()
      }
      let count = min(band.count - position, buffer.count - filled)
      band.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
      }
      (position, filled) = (position + count, filled + count)
    }
    return filled
  }

  func finish() throws(ImagingError) {
    do throws(FileError) { try mapped.requireWhole() } catch { throw .file(error) }
  }

  /// Decodes the next row of blocks.
  private func decodeBand() throws(ImagingError) {
    let page = pages[page]
    let width = page.scalar.size
    let rows = min(page.blockHeight, page.height - blockRow * page.blockHeight)
    let stored = page.rows(ofBlockRow: blockRow)
    band = [UInt8](repeating: 0, count: page.width * page.samples * width * rows)
    let scratch = AlignedScratch(byteCount: max(page.blockStride * stored, 1))
    for plane in 0..<page.planes {
      for column in 0..<page.blocksAcross {
        let index = (plane * page.blocksDown + blockRow) * page.blocksAcross + column
        let bytes = UnsafeMutableRawBufferPointer(
          rebasing: scratch.bytes[..<(page.blockStride * stored)])
        try decode(page.blocks[index], of: page, rows: stored, into: bytes)
        place(bytes, of: page, plane: plane, column: column, rows: rows)
      }
    }
    position = 0
    blockRow += 1
    if blockRow == page.blocksDown { (self.page, blockRow) = (self.page + 1, 0) }
  }

  private func decode(
    _ block: TIFFPage.Block, of page: TIFFPage, rows: Int,
    into bytes: UnsafeMutableRawBufferPointer
  ) throws(ImagingError) {
    let input = UnsafeRawBufferPointer(
      rebasing: file.bytes[block.offset..<block.offset + block.byteCount])
    guard try page.compression.decode(input, into: bytes, path: file.path) == bytes.count else {
      throw .damagedCompression(path: file.path, reason: "a part of its pixels ends too early")
    }
    let width = page.scalar.size
    for row in 0..<rows {
      let line = UnsafeMutableRawBufferPointer(
        rebasing: bytes[row * page.blockStride..<(row + 1) * page.blockStride])
      if page.predictor == 3 {
        TIFFPredictor.joinBytes(line, samples: page.samplesPerBlock, width: width)
        continue
      }
      if page.bits >= 8, file.isBigEndian != (Int16(1).bigEndian == 1) {
        swap(line, width: width)
      }
      if page.predictor == 2 {
        TIFFPredictor.sum(line, samples: page.samplesPerBlock, width: width)
      }
    }
  }

  /// Reverses the bytes of each number; a row may begin anywhere in memory.
  private func swap(_ line: UnsafeMutableRawBufferPointer, width: Int) {
    guard width > 1 else { return }
    for start in stride(from: 0, to: line.count - width + 1, by: width) {
      line[start..<start + width].reverse()
    }
  }

  /// Copies a block's part of the page to the band.
  private func place(
    _ bytes: UnsafeMutableRawBufferPointer, of page: TIFFPage, plane: Int, column: Int, rows: Int
  ) {
    let (width, samples) = (page.scalar.size, page.samplesPerBlock)
    let first = column * page.blockWidth
    let pixels = min(page.blockWidth, page.width - first)
    for row in 0..<rows {
      let source = row * page.blockStride
      let target = (row * page.width + first) * page.samples * width
      if page.bits == 1 {
        for sample in 0..<pixels * samples {
          let bit = bytes[source + sample / 8] >> UInt8(7 - sample % 8) & 1
          let pixel = sample / samples * page.samples + sample % samples + plane
          band[target + pixel] = bit
        }
      } else if samples == page.samples {
        band.replaceSubrange(
          target..<target + pixels * samples * width,
          with: bytes[source..<source + pixels * samples * width])
      } else {
        for pixel in 0..<pixels {
          for byte in 0..<width {
            band[target + (pixel * page.samples + plane) * width + byte] =
              bytes[source + pixel * width + byte]
          }
        }
      }
    }
  }
}

/// Undoes the transformation that made the samples of a row easier to compress.
enum TIFFPredictor {
  /// Samples that are differences from the previous pixel, in this machine's byte order.
  static func sum(_ line: UnsafeMutableRawBufferPointer, samples: Int, width: Int) {
    switch width {
    case 1: sum(line, samples, UInt8.self)
    case 2: sum(line, samples, UInt16.self)
    case 4: sum(line, samples, UInt32.self)
    default: sum(line, samples, UInt64.self)
    }
  }

  private static func sum<Sample: FixedWidthInteger>(
    _ line: UnsafeMutableRawBufferPointer, _ samples: Int, _: Sample.Type
  ) {
    let size = MemoryLayout<Sample>.size
    for index in stride(from: samples, to: line.count / size, by: 1) {
      let difference = line.loadUnaligned(fromByteOffset: index * size, as: Sample.self)
      let before = line.loadUnaligned(fromByteOffset: (index - samples) * size, as: Sample.self)
      line.storeBytes(of: before &+ difference, toByteOffset: index * size, as: Sample.self)
    }
  }

  /// Floating-point numbers with all first bytes first, then all second ones, each as a difference.
  static func joinBytes(_ line: UnsafeMutableRawBufferPointer, samples: Int, width: Int) {
    for index in stride(from: samples, to: line.count, by: 1) {
      line[index] = line[index] &+ line[index - samples]
    }
    let bytes = Array(line)
    let count = line.count / width
    let isBigEndian = Int16(1).bigEndian == 1
    for index in 0..<count {
      for byte in 0..<width {
        line[index * width + (isBigEndian ? byte : width - 1 - byte)] = bytes[byte * count + index]
      }
    }
  }
}
