import Arrays
package import Foundation
import HostSystem

extension VolumeFile {
  /// Writes a segmentation as 8-bit unsigned integers, in the format of the name's ending.
  ///
  /// The file is written completely or not at all.
  package static func write(_ volume: LabelVolume, to url: URL) throws(ImagingError) {
    if try VolumeFormat(of: url) == .nifti { return try NIfTIFile.write(volume, to: url) }
    try write(StoredVolume(volume), to: url)
  }

  /// Writes an image; integers are rounded and kept within the range of their type.
  ///
  /// - Throws: ``ImagingError/cannotHold(path:reason:)`` for content that the format cannot store.
  package static func write(
    _ volume: ChannelVolume, to url: URL, as scalar: VoxelScalar = .float32
  ) throws(ImagingError) {
    if try VolumeFormat(of: url) == .nifti {
      guard volume.channels == 1 else {
        throw .cannotHold(path: url.path, reason: "NIfTI files contain one channel each")
      }
      return try NIfTIFile.write(
        Volume(
          voxels: .init(shape: volume.volumeShape, scalars: volume.voxels.scalars),
          geometry: volume.geometry),
        to: url, as: scalar)
    }
    try write(StoredVolume(volume, as: scalar), to: url)
  }

  private static func write(_ volume: StoredVolume, to url: URL) throws(ImagingError) {
    switch try VolumeFormat(of: url) {
    case .nifti: preconditionFailure("NIfTI files have their own writer")
    case .nrrd: try NRRDFile.write(volume, to: url)
    case .metaImage: try MetaImageFile.write(volume, to: url)
    case .gipl: try GIPLFile.write(volume, to: url)
    case .bmp: try BMPFile.write(volume, to: url)
    case .png: try PNGFile.write(volume, to: url)
    case .tiff: try TIFFFile.write(volume, to: url)
    }
  }
}
