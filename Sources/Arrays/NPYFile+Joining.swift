public import Foundation
public import HostSystem

extension NPYFile {
  /// Writes arrays one behind the other along their first axis, without joining them in memory.
  ///
  /// - Precondition: There is at least one array, and all shapes agree beyond the first axis.
  public static func write<Scalar: NPYScalar>(
    joining arrays: [DenseArray<Scalar>], to url: URL
  ) throws {
    let file = try PendingFile(at: url)
    try write(joining: arrays, into: file)
    try file.commit()
  }

  /// Appends the content of a `.npy` file that holds the arrays one behind the other.
  ///
  /// - Precondition: There is at least one array, and all shapes agree beyond the first axis.
  public static func write<Scalar: NPYScalar>(
    joining arrays: [DenseArray<Scalar>], into file: PendingFile
  ) throws(FileError) {
    let rest = Array(arrays[0].shape.dropFirst())
    precondition(arrays.allSatisfy { Array($0.shape.dropFirst()) == rest })
    let shape = [arrays.reduce(0) { $0 + $1.shape[0] }] + rest
    try file.append(NPYHeader.encode(scalarCode: Scalar.npyCode, shape: shape))
    for array in arrays {
      let result: Result<Void, FileError> = array.scalars.withUnsafeBytes { bytes in
        do throws(FileError) {
          return .success(try file.append(bytes))
        } catch {
          return .failure(error)
        }
      }
      try result.get()
    }
  }
}
