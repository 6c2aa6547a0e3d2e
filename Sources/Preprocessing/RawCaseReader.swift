import Arrays
package import Foundation
import HostSystem
import Imaging
import Plans

/// Reads the files of a case.
package enum RawCaseReader {
  /// Reads the channels of a case and, if there is one, its label file.
  ///
  /// - Parameters:
  ///   - imageFiles: The files with the channels in the order of dataset.json; all of the same size. The
  ///     geometry is taken from the first.
  ///   - labelFile: The segmentation, of the image's size.
  ///   - acceptsNaN: Whether voxels may be NaN; infinite ones are never accepted.
  /// - Returns: The case, with channels as `(channel, z, y, x)`.
  /// - Throws: ``PreprocessingError`` for sizes that differ and NaN voxels, `ImagingError` for
  ///   files that cannot be read.
  package static func read(
    imageFiles: [URL], labelFile: URL? = nil, acceptsNaN: Bool = false
  ) throws -> RawCase {
    guard let first = imageFiles.first else { throw PreprocessingError.noChannels }
    try requireMemory(toRead: imageFiles)
    let requireFinite = acceptsNaN ? requireNoInfinity : requireFinite
    let image = try VolumeFile.readChannels(at: first)
    let (shape, geometry) = (image.volumeShape, image.geometry)
    var voxels = image.voxels.scalars
    var channels = image.channels
    try requireFinite(voxels[...], first)
    voxels.reserveCapacity(voxels.count * imageFiles.count)
    for file in imageFiles.dropFirst() {
      let image = try VolumeFile.readChannels(at: file)
      guard image.volumeShape == shape else {
        throw PreprocessingError.channelShapesDiffer(
          file: first.path, shape: shape, other: file.path, otherShape: image.volumeShape)
      }
      try requireFinite(image.voxels.scalars[...], file)
      voxels += image.voxels.scalars
      channels += image.channels
    }
    let labels = try labelFile.map { file in
      let labels = try VolumeFile.readLabels(at: file).labels
      guard labels.shape == shape else {
        throw PreprocessingError.labelShapeDiffers(
          image: first.path, shape: shape, label: file.path, labelShape: labels.shape)
      }
      return labels.map { Int16($0) }
    }
    var properties = CaseProperties(
      originalSize: shape, originalSpacing: geometry.arraySpacing,
      imageFiles: imageFiles.map(\.path), labelFile: labelFile?.path, itkOrigin: geometry.origin,
      itkSpacing: geometry.spacing, itkDirection: geometry.direction,
      cropBox: shape.map { [0, $0] }, labels: [], sizeAfterCropping: shape)
    if channels != imageFiles.count { properties.joinedChannelCount = channels }
    return RawCase(
      data: DenseArray(shape: [channels] + shape, scalars: voxels), labels: labels,
      properties: properties)
  }

  /// Checks that the channels fit into memory, twice: unchanged, and cropped to the nonzero region.
  ///
  /// A small compressed file may contain gigabytes.
  private static func requireMemory(toRead files: [URL]) throws {
    let header = try VolumeFile.readHeader(at: files[0])
    guard let voxels = checkedProduct(header.volumeShape + [header.channels, files.count]),
      voxels > 1 << 24
    else { return }
    try HostSystem.requireMemory(
      checkedProduct([voxels, 2 * MemoryLayout<Float>.size]),
      for: "\(files[0].path) (\(sizeText(header.volumeShape)) voxels"
        + (files.count > 1 ? " in \(files.count) channels)" : ")"))
  }

  private static func requireNoInfinity(_ voxels: ArraySlice<Float>, file: URL) throws {
    let count = voxels.count { $0.isInfinite }
    guard count == 0 else {
      throw PreprocessingError.notFinite(file: file.path, count: count, total: voxels.count)
    }
  }

  private static func requireFinite(_ voxels: ArraySlice<Float>, file: URL) throws {
    let count = voxels.withUnsafeBufferPointer(countOfNonFinite)
    guard count == 0 else {
      throw PreprocessingError.notFinite(file: file.path, count: count, total: voxels.count)
    }
  }

  /// NaN and infinity have all exponent bits set; counted as integers, eight at a time.
  private static func countOfNonFinite(_ voxels: UnsafeBufferPointer<Float>) -> Int {
    var count = 0
    let exponent: UInt32 = 0x7F80_0000
    for voxel in voxels { count &+= voxel.bitPattern & exponent == exponent ? 1 : 0 }
    return count
  }
}
