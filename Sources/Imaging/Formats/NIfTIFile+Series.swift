package import Foundation
import HostSystem

extension NIfTIFile {
  /// Splits a 4D file into one file per 3D image and keeps the stored type of the voxels.
  ///
  /// The voxels are not converted: slope and intercept go into each file's header, so that every
  /// reader finds the same values as in the series.
  ///
  /// - Parameters:
  ///   - url: A file with as many 3D images as `targets` has names; a 3D file has one.
  ///   - targets: The files to write; names that end with `.gz` make compressed files.
  ///   - compressionLevel: 1 (fast) to 9 (small).
  /// - Throws: ``ImagingError/wrongDimensions(path:extents:expected:)`` for another number of
  ///   images, and other cases of ``ImagingError`` for files that cannot be read or written.
  package static func splitSeries(
    at url: URL, into targets: [URL], compressionLevel: Int = 6
  ) throws(ImagingError) {
    var reader = try VoxelReader(at: url)
    let header = reader.header
    guard (2...4).contains(header.extents.count), header.volumeCount == targets.count else {
      throw .wrongDimensions(
        path: url.path, extents: header.extents, expected: "a series of \(targets.count) 3D images")
    }
    var fileHeader = NIfTIHeader(
      writing: header.geometry, shape: header.volumeShape, header.scalar)
    fileHeader.slope = header.slope
    fileHeader.intercept = header.intercept
    let size = header.volumeShape.trustedProduct
    for target in targets {
      var voxels: [UInt8] = []
      voxels.reserveCapacity(size * header.scalar.size)
      try reader.forEachPiece(ofNext: size) { (piece, _) throws(ImagingError) in
        voxels.append(contentsOf: piece)
      }
      // The last image is written only after the end of the series was checked.
      if target == targets.last { try reader.finish() }
      var writer = NIfTIWriter(header: fileHeader, compressionLevel: compressionLevel)
      writer.pieces = [{ body in voxels.withUnsafeBytes(body) }]
      try writer.write(to: target)
    }
  }
}
