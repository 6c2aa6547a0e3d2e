import Archives
import Foundation
import HostSystem

/// Writes one file: the header, then the voxels in pieces.
struct NIfTIWriter {
  /// Passes the bytes of a piece of voxels to its argument.
  typealias Piece = ((UnsafeRawBufferPointer) -> FileError?) -> FileError?

  var header: NIfTIHeader
  var compressionLevel: Int
  var pieces: [Piece] = []

  init(header: NIfTIHeader, compressionLevel: Int) {
    self.header = header
    self.compressionLevel = compressionLevel
  }

  /// Writes the file, compressed if the name ends with `.gz`.
  func write(to url: URL) throws(ImagingError) {
    if let extent = header.extents.first(where: { $0 > Int(Int16.max) }) {
      throw .unsupported(
        path: url.path, feature: "an axis of \(extent) voxels does not fit into a NIfTI-1 header")
    }
    let deflater =
      url.pathExtension.lowercased() == "gz" ? Deflater(.gzip, level: compressionLevel) : nil
    do throws(FileError) {
      try AtomicFile.write(to: url) { (file) throws(FileError) in
        let leading = header.encoded()
        try append(file, deflater) { body in leading.withUnsafeBytes(body) }
        for piece in pieces { try append(file, deflater, piece) }
        try deflater?.write(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true) {
          (bytes) throws(FileError) in try file.write(bytes)
        }
      }
    } catch {
      throw .file(error)
    }
  }

  private func append(
    _ file: borrowing AtomicFile.Writer, _ deflater: Deflater?, _ piece: Piece
  ) throws(FileError) {
    let failure = piece { bytes in
      do throws(FileError) {
        if let deflater {
          try deflater.write(bytes, isLast: false) { output throws(FileError) in
            try file.write(output)
          }
        } else {
          try file.write(bytes)
        }
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }
}
