import Arrays
package import Foundation
import HostSystem

extension VolumeFile {
  /// The file of a segmentation and those beside it without which it cannot be read: voxels, or a spacing.
  package static func files(ofSegmentation url: URL) -> [URL] {
    [url] + companions(of: url).filter(fileExists)
  }

  private static func companions(of url: URL) -> [URL] {
    guard let ending = FileEnding(ofName: url.lastPathComponent) else { return [] }
    switch ending.format {
    case ".nhdr":
      guard let name = try? NRRDHeader(at: url)["datafile"] else { return [] }
      return [try? dataFile(named: name, of: url, field: "data file")].compactMap { $0 }
    case ".mhd":
      guard let name = try? MetaImageHeader(at: url)["ElementDataFile"],
        !name.lowercased().isExactly("local")
      else { return [] }
      return [try? dataFile(named: name, of: url, field: "ElementDataFile")].compactMap { $0 }
    case ".tif", ".tiff": return [TIFFSpacing.file(beside: url, isSegmentation: true)]
    default: return []
    }
  }

  /// Reads the channel of a file that has one, or one of several.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - channel: Which of several, counted from 0.
  /// - Returns: The voxels and their positions.
  /// - Throws: ``ImagingError/severalChannels(path:count:)`` if there are several, but not this one.
  package static func readVolume(at url: URL, channel: Int) throws(ImagingError) -> Volume {
    let image = try readChannels(at: url)
    guard image.channels > 1 else {
      return Volume(
        voxels: DenseArray(shape: image.volumeShape, scalars: image.voxels.scalars),
        geometry: image.geometry)
    }
    guard 0..<image.channels ~= channel else {
      throw .severalChannels(path: url.path, count: image.channels)
    }
    return Volume(voxels: image.voxels.slice(channel), geometry: image.geometry)
  }
}
