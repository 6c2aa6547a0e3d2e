import Arrays
package import Foundation
import HostSystem

/// Reads and writes `.nii` and `.nii.gz` files, NIfTI versions 1 and 2.
///
/// The geometry is ITK's interpretation of the header, in LPS coordinates. Files are written like
/// those of ITK: version 1, little-endian, qform and sform both set with code 1, millimetres.
package enum NIfTIFile {
  /// Reads the header of the file at `url`.
  package static func readHeader(at url: URL) throws(ImagingError) -> NIfTIHeader {
    try VoxelReader(at: url).header
  }

  /// Reads an image in single precision, scaled by the header's slope and intercept.
  ///
  /// A 2D image becomes one slice; a 4D image must contain one volume.
  package static func readVolume(at url: URL) throws(ImagingError) -> Volume {
    var reader = try VoxelReader(at: url)
    let header = reader.header
    try requireOneVolume(header, url)
    try requireMemory(
      values: header.voxelCount, bytesPerValue: MemoryLayout<Float>.size,
      shape: header.volumeShape, url)
    let voxels = try filledArray(shape: header.volumeShape, of: Float.self) {
      (target) throws(ImagingError) in
      let start = target.baseAddress!
      try reader.forEachPiece(ofNext: header.voxelCount) {
        (piece, position) throws(ImagingError) in
        VoxelConversion.convert(
          piece, header.scalar, slope: header.slope, intercept: header.intercept,
          into: start + position)
      }
      try reader.finish()
    }
    return Volume(voxels: voxels, geometry: header.geometry)
  }

  /// Reads a segmentation.
  ///
  /// - Throws: ``ImagingError/invalidLabel(path:value:index:)`` for the first voxel that is not
  ///   an integer of 0...255.
  package static func readLabels(at url: URL) throws(ImagingError) -> LabelVolume {
    var reader = try VoxelReader(at: url)
    let header = reader.header
    try requireOneVolume(header, url)
    try requireMemory(
      values: header.voxelCount, bytesPerValue: 1, shape: header.volumeShape, url)
    let labels = try filledArray(shape: header.volumeShape, of: UInt8.self) {
      (target) throws(ImagingError) in
      try reader.forEachPiece(ofNext: header.voxelCount) {
        (piece, position) throws(ImagingError) in
        let room = UnsafeMutableBufferPointer(rebasing: target[position...])
        let wrong = LabelConversion.convert(
          piece, header.scalar, slope: header.slope, intercept: header.intercept, into: room)
        guard let wrong else { return }
        throw invalidLabel(
          wrong.value, at: position + wrong.offset, shape: header.volumeShape, url)
      }
      try reader.finish()
    }
    return LabelVolume(labels: labels, geometry: header.geometry)
  }

  /// Writes an image; a name that ends with `.gz` makes a compressed file.
  ///
  /// - Parameters:
  ///   - volume: The voxels and their geometry.
  ///   - url: The file, which appears only when it is complete.
  ///   - scalar: The type of the stored voxels; integers are rounded and kept within their range.
  ///   - compressionLevel: 1 (fast) to 9 (small).
  /// - Throws: ``ImagingError/file(_:)`` if the file cannot be written.
  package static func write(
    _ volume: Volume, to url: URL, as scalar: NIfTIScalar = .float32, compressionLevel: Int = 6
  ) throws(ImagingError) {
    try writeSeries([volume], to: url, as: scalar, compressionLevel: compressionLevel)
  }

  /// Writes images of equal size into one file, 4D if there are several.
  ///
  /// - Precondition: There is an image, and all have the size of the first; its geometry is written.
  package static func writeSeries(
    _ volumes: [Volume], to url: URL, as scalar: NIfTIScalar = .float32, compressionLevel: Int = 6
  ) throws(ImagingError) {
    let shape = volumes[0].voxels.shape
    precondition(volumes.allSatisfy { $0.voxels.shape == shape }, "images of different sizes")
    var header = NIfTIHeader(writing: volumes[0].geometry, shape: shape, scalar)
    if volumes.count > 1 { header.extents.append(volumes.count) }
    var writer = NIfTIWriter(header: header, compressionLevel: compressionLevel)
    writer.pieces = volumes.map { volume in
      { body in
        if scalar == .float32 { return volume.voxels.scalars.withUnsafeBytes(body) }
        return VoxelConversion.stored(volume.voxels.scalars, as: scalar).withUnsafeBytes(body)
      }
    }
    try writer.write(to: url)
  }

  /// Writes a segmentation as 8-bit unsigned integers.
  package static func write(
    _ volume: LabelVolume, to url: URL, compressionLevel: Int = 6
  ) throws(ImagingError) {
    let header = NIfTIHeader(writing: volume.geometry, shape: volume.labels.shape, .uint8)
    var writer = NIfTIWriter(header: header, compressionLevel: compressionLevel)
    writer.pieces = [{ body in volume.labels.scalars.withUnsafeBytes(body) }]
    try writer.write(to: url)
  }

  private static func requireOneVolume(_ header: NIfTIHeader, _ url: URL) throws(ImagingError) {
    guard (2...3).contains(header.extents.count) else {
      throw .wrongDimensions(path: url.path, extents: header.extents, expected: "2 or 3")
    }
  }
}
