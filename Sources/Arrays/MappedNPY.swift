package import Foundation
import HostSystem

/// A `.npy` file used in place: its elements are read from the disk when they are touched.
///
/// The file must be little-endian, in C order and exactly of type `Scalar`, as ``NPYFile`` writes
/// it. May be shared between threads.
package struct MappedNPY<Scalar: NPYScalar>: Sendable {
  /// The extent along each axis, slowest first.
  package let shape: [Int]
  /// The number of elements.
  package let count: Int
  private let file: MappedFile
  private let offset: Int

  /// Maps the file at `url`.
  ///
  /// - Throws: ``NPYError``, or `FileError` when the file cannot be read.
  package init(at url: URL) throws {
    let file = try MappedFile(at: url)
    let header = try file.parsedNPYHeader(path: url.path)
    count = try header.validate(as: Scalar.self, fileSize: file.bytes.count, path: url.path)
    guard !header.isBigEndian else {
      throw NPYError.unsupported(path: url.path, feature: "its elements are big-endian")
    }
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw NPYError.unsupported(path: url.path, feature: "it is in Fortran order")
    }
    guard header.dataOffset % MemoryLayout<Scalar>.alignment == 0 else {
      throw NPYError.unsupported(path: url.path, feature: "its elements are not aligned")
    }
    shape = header.shape
    offset = header.dataOffset
    self.file = file
  }

  /// Calls `body` with all elements in C order; the buffer is valid only during the call.
  ///
  /// - Throws: What `body` throws, or `FileError` if the file became shorter.
  package func withScalars<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) throws -> Result {
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[offset...])
    let result = try body(bytes.bindMemory(to: Scalar.self))
    try file.requireWhole()
    return result
  }

  /// A copy of the elements in memory.
  package func loaded() throws -> DenseArray<Scalar> {
    try DenseArray(shape: shape) { target in
      try withScalars { _ = target.initialize(fromContentsOf: $0) }
    }
  }
}
