package import Foundation
package import HostSystem

extension NPYFile {
  /// Writes arrays one after the other along their first axis, without joining them in memory.
  ///
  /// - Precondition: There is at least one array, and all shapes agree beyond the first axis.
  package static func write<Scalar: NPYScalar>(
    joining arrays: [DenseArray<Scalar>], to url: URL
  ) throws {
    let file = try PendingFile(at: url)
    try write(joining: arrays, into: file)
    try file.commit()
  }

  /// Appends the content of a `.npy` file that contains the arrays one after the other.
  ///
  /// - Precondition: There is at least one array, and all shapes agree beyond the first axis.
  package static func write<Scalar: NPYScalar>(
    joining arrays: [DenseArray<Scalar>], into file: PendingFile
  ) throws(FileError) {
    let rest = Array(arrays[0].shape.dropFirst())
    precondition(arrays.allSatisfy { Array($0.shape.dropFirst()) == rest })
    let shape = [arrays.reduce(0) { $0 + $1.shape[0] }] + rest
    try file.append(NPYHeader.encode(scalarCode: Scalar.npyCode, shape: shape))
    for array in arrays { try append(array.scalars, to: file) }
  }

  /// Appends the content of a `.npy` file that contains an array and, as one more entry of its
  /// first axis, whole numbers.
  ///
  /// The numbers become single precision piece by piece.
  ///
  /// - Precondition: `numbers` has the array's shape without the first axis.
  package static func write(
    _ array: DenseArray<Float>, followedBy numbers: DenseArray<Int16>, into file: PendingFile
  ) throws(FileError) {
    precondition(Array(array.shape.dropFirst()) == numbers.shape)
    let shape = [array.shape[0] + 1] + numbers.shape
    try file.append(NPYHeader.encode(scalarCode: Float.npyCode, shape: shape))
    try append(array.scalars, to: file)
    // 64 kB, which fit into the cache.
    var piece = [Float](repeating: 0, count: 1 << 14)
    for start in stride(from: 0, to: numbers.count, by: piece.count) {
      let count = min(piece.count, numbers.count - start)
      numbers.scalars.withUnsafeBufferPointer { source in
        piece.withUnsafeMutableBufferPointer { piece in
          for index in 0..<count { piece[index] = Float(source[start + index]) }
        }
      }
      if count < piece.count { piece.removeLast(piece.count - count) }
      try append(piece, to: file)
    }
  }

  private static func append<Scalar>(
    _ scalars: [Scalar], to file: PendingFile
  ) throws(FileError) {
    let result: Result<Void, FileError> = scalars.withUnsafeBytes { bytes in
      do throws(FileError) {
        return .success(try file.append(bytes))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}
