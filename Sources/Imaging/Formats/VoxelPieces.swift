import Arrays
import Foundation
import HostSystem

// What the readers of all formats do with the values of a file.

/// Calls `body` with values in pieces that fit into the cache, and the position of each piece's first.
///
/// - Parameters:
///   - count: The number of values.
///   - width: The bytes of a value.
///   - scratch: The memory of the pieces.
///   - fill: Fills a piece completely.
///   - body: Receives the bytes of a piece and the position of its first value.
/// - Throws: What `fill` and `body` throw.
func forEachPiece(
  of count: Int, width: Int, in scratch: AlignedScratch,
  fill: (UnsafeMutableRawBufferPointer) throws(ImagingError) -> Void,
  _ body: (UnsafeRawBufferPointer, Int) throws(ImagingError) -> Void
) throws(ImagingError) {
  let capacity = scratch.bytes.count / width
  var position = 0
  while position < count {
    let piece = UnsafeMutableRawBufferPointer(
      rebasing: scratch.bytes[..<(min(capacity, count - position) * width)])
    try fill(piece)
    try body(UnsafeRawBufferPointer(piece), position)
    position += piece.count / width
  }
}

/// An array that `body` fills, with its error.
func filledArray<Scalar>(
  shape: [Int], of _: Scalar.Type,
  _ body: (UnsafeMutableBufferPointer<Scalar>) throws(ImagingError) -> Void
) throws(ImagingError) -> DenseArray<Scalar> {
  var failure: ImagingError?
  let array = DenseArray<Scalar>(shape: shape) { target in
    do throws(ImagingError) { try body(target) } catch { failure = error }
  }
  if let failure { throw failure }
  return array
}

/// Refuses an image for which there is too little memory.
///
/// A small compressed file may contain gigabytes; if there is too little memory, the whole program
/// would end.
func requireMemory(
  values count: Int, bytesPerValue: Int, shape: [Int], _ url: URL
) throws(ImagingError) {
  // Asking the system takes longer than reading a small image.
  guard count > 1 << 24 else { return }
  do throws(MemoryError) {
    try HostSystem.requireMemory(
      checkedProduct([count, bytesPerValue]), for: "\(url.path) (\(sizeText(shape)) voxels)")
  } catch {
    throw .tooLarge(error)
  }
}

/// The error of a voxel that is no label, with its index (x, y, z).
func invalidLabel(
  _ value: Double, at offset: Int, shape: [Int], _ url: URL
) -> ImagingError {
  .invalidLabel(
    path: url.path, value: value,
    index: [offset % shape[2], offset / shape[2] % shape[1], offset / (shape[2] * shape[1])])
}
