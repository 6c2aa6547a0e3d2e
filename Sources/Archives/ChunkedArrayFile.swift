package import Arrays
import CZstd
package import Foundation
package import HostSystem

/// An array of single precision numbers in a file, compressed in chunks that are read one by one.
///
/// The file begins with the eight bytes `nnUChnk1`, the number of axes, the extents, the number of
/// elements per chunk, and the position of each chunk and of the end, all 64-bit integers in
/// little-endian order. A chunk contains the next numbers in C order (the last one perhaps fewer),
/// with their bytes grouped (first bytes first) and packed as a Zstandard frame with a checksum.
package struct ChunkedArrayFile: Sendable {
  /// The extent along each axis, slowest first.
  package let shape: [Int]
  /// The number of elements.
  package let count: Int
  private let chunkCount: Int
  private let numbersPerChunk: Int
  private let offsets: [Int]
  private let file: MappedFile
  private let path: String

  static let magic = Array("nnUChnk1".utf8)

  /// Opens a file and checks that its index fits its size.
  ///
  /// - Throws: ``ArchiveError``, or `FileError` when the file cannot be read.
  package init(at url: URL) throws {
    let path = url.path
    func damaged(_ reason: String) -> ArchiveError {
      .damaged(path: path, entry: nil, reason: reason)
    }
    let file = try MappedFile(at: url)
    guard file.bytes.starts(with: Self.magic) else {
      throw damaged("it does not begin with nnUChnk1")
    }
    func number(_ index: Int) -> Int? {
      let offset = 8 + 8 * index
      guard offset + 8 <= file.bytes.count else { return nil }
      let stored = file.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      return Int(exactly: UInt64(littleEndian: stored))
    }
    guard let rank = number(0), (1...8).contains(rank) else {
      throw damaged("its number of axes is impossible")
    }
    let shape = (1...rank).compactMap(number)
    var count = shape.count == rank ? 1 : -1
    for extent in shape where count > 0 {
      let product = count.multipliedReportingOverflow(by: extent)
      count = product.overflow || product.partialValue > 1 << 48 ? -1 : product.partialValue
    }
    guard count > 0, let numbersPerChunk = number(rank + 1), numbersPerChunk > 0,
      numbersPerChunk <= 1 << 28
    else { throw damaged("its shape is impossible") }
    chunkCount = (count - 1) / numbersPerChunk + 1
    guard chunkCount < file.bytes.count / 8 else { throw damaged("its index is cut off") }
    let offsets = (0...chunkCount).compactMap { number(rank + 2 + $0) }
    guard offsets.count == chunkCount + 1, offsets[0] == 8 * (rank + 3 + chunkCount) + 8,
      offsets[chunkCount] == file.bytes.count,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw damaged("its index does not fit its size") }
    self.shape = shape
    self.count = count
    self.numbersPerChunk = numbersPerChunk
    self.offsets = offsets
    self.file = file
    self.path = path
  }

  /// All elements.
  ///
  /// - Throws: ``ArchiveError/damaged(path:entry:reason:)`` naming the first damaged chunk.
  package func read(threads: Int = 1) throws -> DenseArray<Float> {
    try DenseArray(shape: shape) { target in
      nonisolated(unsafe) let target = target.baseAddress!
      try forEachInParallel(count: chunkCount, threads: threads) { chunk in
        let start = chunk * numbersPerChunk
        try read(chunk, count: min(numbersPerChunk, count - start), into: target + start)
      }
    }
  }

  private func read(
    _ chunk: Int, count: Int, into target: UnsafeMutablePointer<Float>
  ) throws(ArchiveError) {
    let packed = UnsafeRawBufferPointer(rebasing: file.bytes[offsets[chunk]..<offsets[chunk + 1]])
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 4 * count)
    defer { bytes.deallocate() }
    let size = ZSTD_decompress(bytes, 4 * count, packed.baseAddress, packed.count)
    guard !file.isCut else {
      throw .damaged(
        path: path, entry: "chunk \(chunk)", reason: "the file became shorter while it was read")
    }
    guard ZSTD_isError(size) == 0, size == 4 * count else {
      let reason = ZSTD_isError(size) == 0 ? "it is too short" : zstdReason(size)
      throw .damaged(path: path, entry: "chunk \(chunk)", reason: reason)
    }
    target.withMemoryRebound(to: UInt32.self, capacity: count) {
      ByteShuffle.unshuffle(bytes, count: count, into: $0)
    }
  }
}

// MARK: - Writing

extension ChunkedArrayFile {
  /// Writes arrays one after the other along their first axis.
  ///
  /// - Parameters:
  ///   - arrays: At least one array; the shapes agree beyond the first axis.
  ///   - url: The file, which is replaced only when the new one is complete.
  ///   - level: Zstandard's level, 1 (fast) to 19 (small).
  ///   - threads: The number of threads to compress with.
  ///   - numbersPerChunk: The elements of a chunk; by default 256 kB, which the second-level cache
  ///     holds.
  /// - Throws: `FileError.cannotWrite(path:reason:)` if the file cannot be written, or there is too
  ///   little memory to compress it.
  package static func write(
    joining arrays: [DenseArray<Float>], to url: URL, level: Int = 3, threads: Int = 1,
    numbersPerChunk: Int = 1 << 16
  ) throws {
    let file = try PendingFile(at: url)
    try write(
      joining: arrays, into: file, path: url.path, level: level, threads: threads,
      numbersPerChunk: numbersPerChunk)
    try file.commit()
  }

  /// Appends the content of a file that contains the arrays one after the other along their first
  /// axis.
  ///
  /// - Parameters:
  ///   - arrays: At least one array, in the order of the file; the shapes agree beyond the first
  ///     axis.
  ///   - file: The file for the bytes.
  ///   - path: The file's name in errors.
  ///   - level: Zstandard's level, 1 (fast) to 19 (small).
  ///   - threads: How many chunks are compressed at once.
  ///   - numbersPerChunk: The elements of a chunk, which are compressed together.
  /// - Throws: `FileError.cannotWrite(path:reason:)` if the file cannot be written, or there is too
  ///   little memory to compress it.
  package static func write(
    joining arrays: [DenseArray<Float>], into file: PendingFile, path: String, level: Int = 3,
    threads: Int = 1, numbersPerChunk: Int = 1 << 16
  ) throws {
    let rest = Array(arrays[0].shape.dropFirst())
    precondition(arrays.allSatisfy { Array($0.shape.dropFirst()) == rest && $0.count > 0 })
    let shape = [arrays.reduce(0) { $0 + $1.shape[0] }] + rest
    let count = shape.trustedProduct
    let chunkCount = (count - 1) / numbersPerChunk + 1
    let chunks = try mapInParallel(count: chunkCount, threads: threads) { chunk in
      let start = chunk * numbersPerChunk
      let numbers = Self.numbers(of: arrays, start..<min(start + numbersPerChunk, count))
      return try pack(numbers, level: level, path: path)
    }
    var index = [shape.count] + shape + [numbersPerChunk]
    var offset = magic.count + 8 * (index.count + chunkCount + 1)
    for chunk in chunks {
      index.append(offset)
      offset += chunk.count
    }
    index.append(offset)
    var header = Data(magic)
    for number in index {
      withUnsafeBytes(of: UInt64(number).littleEndian) { header.append(contentsOf: $0) }
    }
    try file.append(header)
    for chunk in chunks { try file.append(chunk) }
  }

  /// Elements of the joined arrays.
  private static func numbers(of arrays: [DenseArray<Float>], _ range: Range<Int>) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(range.count)
    var start = 0
    for array in arrays {
      let part = range.clamped(to: start..<start + array.count)
      if !part.isEmpty {
        numbers += array.scalars[part.lowerBound - start..<part.upperBound - start]
      }
      start += array.count
    }
    return numbers
  }

  private static func pack(_ numbers: [Float], level: Int, path: String) throws -> Data {
    let size = 4 * numbers.count
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    defer { bytes.deallocate() }
    numbers.withUnsafeBufferPointer { numbers in
      numbers.withMemoryRebound(to: UInt32.self) {
        ByteShuffle.shuffle($0.baseAddress!, count: $0.count, into: bytes)
      }
    }
    guard let context = ZSTD_createCCtx() else {
      throw FileError.cannotWrite(path: path, reason: "there is not enough memory to compress it")
    }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    var packed = Data(count: ZSTD_compressBound(size))
    let written = packed.withUnsafeMutableBytes {
      ZSTD_compress2(context, $0.baseAddress, $0.count, bytes, size)
    }
    guard ZSTD_isError(written) == 0 else {
      throw FileError.cannotWrite(path: path, reason: zstdReason(written))
    }
    return packed.prefix(written)
  }
}

private func zstdReason(_ code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
