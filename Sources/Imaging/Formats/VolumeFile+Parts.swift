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

  /// Reads one channel of an image.
  package static func readVolume(at url: URL, channel: Int) throws(ImagingError) -> Volume {
    let image = try readChannels(at: url)
    guard 0..<image.channels ~= channel else {
      throw .severalChannels(path: url.path, count: image.channels)
    }
    let count = image.volumeShape.trustedProduct
    return Volume(
      voxels: DenseArray(
        shape: image.volumeShape,
        scalars: Array(image.voxels.scalars[channel * count..<(channel + 1) * count])),
      geometry: image.geometry)
  }
}
