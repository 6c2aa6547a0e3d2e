package import Arrays
package import Foundation
import HostSystem

/// Writes `.npz` files; large arrays may be written in parts.
///
/// The file appears under its name with ``finish()``.
package final class NPZWriter {
  private let archive: ZipWriter
  private let compression: ZipWriter.Compression
  private var missing = 0

  /// Begins a file that will get the name `url`.
  ///
  /// - Parameters:
  ///   - url: The file, which appears only when it is complete.
  ///   - compression: `.stored` as `numpy.savez` does, or deflated as `numpy.savez_compressed`
  ///     does.
  /// - Throws: `FileError.cannotWrite(path:reason:)` if no file can be created in the folder.
  package init(to url: URL, compression: ZipWriter.Compression = .standard) throws {
    archive = try ZipWriter(to: url)
    self.compression = compression
  }

  /// Adds an array.
  package func add<Scalar: NPYScalar>(_ name: String, _ array: DenseArray<Scalar>) throws {
    try begin(name, shape: array.shape, as: Scalar.self)
    try array.scalars.withUnsafeBufferPointer { try append($0) }
    try end()
  }

  /// Begins an array whose elements follow in C order with ``append(_:)``.
  package func begin<Scalar: NPYScalar>(
    _ name: String, shape: [Int], as _: Scalar.Type
  ) throws {
    missing = shape.trustedProduct * MemoryLayout<Scalar>.stride
    try archive.begin(name + ".npy", compression: compression)
    let header = NPYHeader.encode(scalarCode: Scalar.npyCode, shape: shape)
    try header.withUnsafeBytes { try archive.append($0) }
  }

  /// Appends the next elements of the current array.
  ///
  /// - Precondition: They have its type and fit into its shape.
  package func append<Scalar: NPYScalar>(_ scalars: UnsafeBufferPointer<Scalar>) throws {
    let bytes = UnsafeRawBufferPointer(scalars)
    precondition(bytes.count <= missing, "more elements than the array has")
    missing -= bytes.count
    try archive.append(bytes)
  }

  /// Ends the current array.
  ///
  /// - Precondition: All its elements were appended.
  package func end() throws {
    precondition(missing == 0, "the array lacks \(missing) bytes")
    try archive.end()
  }

  /// Completes the file.
  package func finish() throws { try archive.finish() }
}

extension NPZFile {
  /// Writes a file with one array.
  package static func write<Scalar: NPYScalar>(
    _ array: DenseArray<Scalar>, named name: String, to url: URL,
    compression: ZipWriter.Compression = .standard
  ) throws {
    let writer = try NPZWriter(to: url, compression: compression)
    try writer.add(name, array)
    try writer.finish()
  }
}
