extension NPYHeader {
  /// Makes the array that this header describes, with the elements that `fill` writes.
  ///
  /// Fortran order and big-endian elements are converted. Memory is allocated only after the shape
  /// was compared with the file's size.
  ///
  /// - Parameters:
  ///   - _: The type of the array's elements.
  ///   - fileSize: The size of the whole file, header included, in bytes.
  ///   - path: The file's name in messages.
  ///   - fill: Writes all bytes of the elements in the file's format; not called if there are no
  ///     elements.
  /// - Returns: The array in C order, with native elements.
  /// - Throws: ``NPYError`` if the elements are of another type or the shape does not fit the
  ///   file's size, and what `fill` throws.
  package func array<Scalar: NPYScalar>(
    as _: Scalar.Type, fileSize: Int, path: String,
    fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> DenseArray<Scalar> {
    let count = try validate(as: Scalar.self, fileSize: fileSize, path: path)
    let array = try DenseArray<Scalar>(shape: isFortranOrder ? shape.reversed() : shape) { target in
      guard count > 0 else { return }
      let bytes = UnsafeMutableRawBufferPointer(target)
      try fill(bytes)
      if isBigEndian { swapBytes(of: bytes, width: MemoryLayout<Scalar>.size) }
    }
    return isFortranOrder ? array.transposed(Array((0..<array.rank).reversed())) : array
  }

  private func swapBytes(of bytes: UnsafeMutableRawBufferPointer, width: Int) {
    for start in stride(from: 0, to: bytes.count, by: width) {
      for offset in 0..<width / 2 {
        bytes.swapAt(start + offset, start + width - 1 - offset)
      }
    }
  }
}
