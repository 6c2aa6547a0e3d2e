package import Arrays
package import Foundation
import HostSystem

/// Reads `.npz` files, the zip archives of arrays that `numpy.savez` and `savez_compressed` write.
package struct NPZFile: Sendable {
  /// The archive.
  package let archive: ZipReader

  /// Opens the file at `url`.
  ///
  /// - Throws: ``ArchiveError``, or `FileError` when the file cannot be read.
  package init(at url: URL, limits: ZipLimits = .arrays) throws {
    archive = try ZipReader(at: url, limits: limits)
  }

  /// Reads an open archive.
  package init(_ archive: ZipReader) { self.archive = archive }

  /// The names of the arrays in the order of the file.
  package var names: [String] {
    archive.entries.compactMap { $0.name.dropping(suffix: ".npy").map(String.init) }
  }

  /// The element type, order and shape of an array.
  package func header(of name: String) throws -> NPYHeader { try opened(name).header }

  /// Reads an array of elements of exactly this type.
  ///
  /// - Throws: `NPYError` when they have another, ``ArchiveError`` when there is no such array or
  ///   the file is damaged.
  package func read<Scalar: NPYScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws -> DenseArray<Scalar> {
    let (header, stream, path) = try opened(name)
    return try header.array(as: Scalar.self, fileSize: stream.entry.size, path: path) { bytes in
      _ = try stream.fill(bytes)
    }
  }

  /// Reads an array in single precision, whether it contains half, single or double precision.
  package func readFloats(_ name: String) throws -> DenseArray<Float> {
    switch try header(of: name).scalarCode {
    case HalfPrecision.npyCode: try read(name, as: HalfPrecision.self).map(\.float)
    case Double.npyCode: try read(name, as: Double.self).map { Float($0) }
    default: try read(name, as: Float.self)
    }
  }

  /// Opens an array to read it in parts.
  package func stream<Scalar: NPYScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws -> NPZArrayStream<Scalar> {
    let (header, stream, path) = try opened(name)
    return try NPZArrayStream(header: header, stream: stream, path: path)
  }

  private func opened(
    _ name: String
  ) throws -> (header: NPYHeader, stream: ZipEntryStream, path: String) {
    let path = "\(archive.path):\(name)"
    let stream = try archive.stream(archive.entry(named: name + ".npy"))
    var bytes = try Self.take(10, from: stream)
    if bytes.count == 10 {
      if bytes[6] > 1 { bytes += try Self.take(2, from: stream) }
      // Version 1 stores the header's length in two bytes, later versions in four.
      let length = bytes[8...].prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      if length <= 65_535 { bytes += try Self.take(length, from: stream) }
    }
    return (try bytes.withUnsafeBytes { try NPYHeader(parsing: $0, path: path) }, stream, path)
  }

  private static func take(_ count: Int, from stream: ZipEntryStream) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(count, stream.remaining))
    _ = try bytes.withUnsafeMutableBytes { try stream.fill($0) }
    return bytes
  }
}

/// An array of a `.npz` file that is read in parts, in C order.
package final class NPZArrayStream<Scalar: NPYScalar> {
  /// The extent along each axis, slowest first.
  package let shape: [Int]
  private let stream: ZipEntryStream

  init(header: NPYHeader, stream: ZipEntryStream, path: String) throws {
    _ = try header.validate(as: Scalar.self, fileSize: stream.entry.size, path: path)
    guard !header.isBigEndian, !header.isFortranOrder || header.shape.count < 2 else {
      throw NPYError.unsupported(
        path: path, feature: "its elements are not in C order and little endian")
    }
    shape = header.shape
    self.stream = stream
  }

  /// Reads the next elements into `buffer`; fewer than its size only at the end.
  ///
  /// - Returns: The number of elements.
  package func fill(_ buffer: UnsafeMutableBufferPointer<Scalar>) throws -> Int {
    try stream.fill(UnsafeMutableRawBufferPointer(buffer)) / MemoryLayout<Scalar>.stride
  }

  /// Reads the next part of the array along its first axis.
  ///
  /// - Parameter count: The extent of the part along the first axis.
  /// - Returns: The part, with the array's extents along the other axes.
  /// - Throws: ``ArchiveError/damaged(path:entry:reason:)`` if the compressed data are wrong or end
  ///   early.
  /// - Precondition: At least `count` are left.
  package func next(_ count: Int = 1) throws -> DenseArray<Scalar> {
    try DenseArray(shape: [count] + shape.dropFirst()) { buffer in
      let read = try fill(buffer)
      precondition(read == buffer.count, "reads beyond the array's end")
    }
  }
}
