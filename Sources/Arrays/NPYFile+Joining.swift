public import Foundation
import HostSystem

extension NPYFile {
  /// Writes arrays one behind the other along their first axis, without joining them in memory.
  ///
  /// - Precondition: There is at least one array, and all shapes agree beyond the first axis.
  public static func write<Scalar: NPYScalar>(
    joining arrays: [DenseArray<Scalar>], to url: URL
  ) throws {
    let rest = Array(arrays[0].shape.dropFirst())
    precondition(arrays.allSatisfy { Array($0.shape.dropFirst()) == rest })
    let shape = [arrays.reduce(0) { $0 + $1.shape[0] }] + rest
    let header = NPYHeader.encode(scalarCode: Scalar.npyCode, shape: shape)
    try AtomicFile.write(to: url) { (file) throws(FileError) in
      try file.write(Data(header))
      for array in arrays {
        let failure: FileError? = array.scalars.withUnsafeBytes { bytes in
          do throws(FileError) {
            try file.write(bytes)
            return nil
          } catch {
            return error
          }
        }
        if let failure { throw failure }
      }
    }
  }
}
