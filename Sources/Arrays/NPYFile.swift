package import Foundation
import HostSystem

/// Reads and writes `.npy` files, the array files of NumPy.
package enum NPYFile {
  /// Reads the array in the file at `url`.
  ///
  /// Fortran order and big-endian elements are converted; masks (`|b1`) read as `UInt8`. The
  /// element type must be `Scalar` otherwise: nothing is converted silently.
  ///
  /// - Throws: ``NPYError``, or `FileError` when the file cannot be read.
  package static func read<Scalar: NPYScalar>(
    _ url: URL, as _: Scalar.Type = Scalar.self
  ) throws -> DenseArray<Scalar> {
    let file = try MappedFile(at: url)
    let header = try NPYHeader(parsing: file.bytes, path: url.path)
    let array = try header.array(
      as: Scalar.self, fileSize: file.bytes.count, path: url.path
    ) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: file.bytes[header.dataOffset...]))
    }
    try file.requireWhole()
    return array
  }

  /// Reads the file at `url` in single precision, whether it contains half, single or double
  /// precision.
  package static func readFloats(_ url: URL) throws -> DenseArray<Float> {
    let header = try MappedFile(at: url).parsedNPYHeader(path: url.path)
    switch header.scalarCode {
    case HalfPrecision.npyCode: return try read(url, as: HalfPrecision.self).map(\.float)
    case Double.npyCode: return try read(url, as: Double.self).map { Float($0) }
    default: return try read(url, as: Float.self)
    }
  }

  /// Writes `array` to `url` in format version 1, C order, little endian.
  package static func write<Scalar: NPYScalar>(_ array: DenseArray<Scalar>, to url: URL) throws {
    let header = NPYHeader.encode(scalarCode: Scalar.npyCode, shape: array.shape)
    try AtomicFile.write(to: url) { (file) throws(FileError) in
      try file.write(Data(header))
      // The typed error is carried out by hand: the array's closure only rethrows untyped errors.
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

extension MappedFile {
  func parsedNPYHeader(path: String) throws(NPYError) -> NPYHeader {
    try NPYHeader(parsing: bytes, path: path)
  }
}
