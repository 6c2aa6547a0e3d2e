import Foundation
import HostSystem
import JSON

/// Reads TIFF files: one page as a flat picture, whose samples are channels, several as the slices of a volume.
///
/// The values are the same as in nnU-Net v2's readers. A volume's spacing is in a JSON file next to
/// it.
enum TIFFFile {
  /// Opens the file at `url`; the name of a segmentation does not end with a channel number.
  static func open(_ url: URL, isSegmentation: Bool) throws(ImagingError) -> OpenVolume {
    let mapped: MappedFile
    do throws(FileError) { mapped = try MappedFile(at: url) } catch { throw .file(error) }
    // The pages are read from the mapped bytes, which exist as long as the object.
    defer { withExtendedLifetime(mapped) {} }
    let file = try TIFFBytes(mapped.bytes, path: url.path)
    var pages: [TIFFPage] = []
    var slices = 1
    for directory in try TIFFDirectory.all(in: file) {
      let page = try TIFFPage(directory, in: file)
      if pages.isEmpty { slices = imageJSlices(directory, page) }
      if !page.isReduced { pages.append(page) }
    }
    guard let first = pages.first, pages.allSatisfy({ $0.isLike(first) }) else {
      throw .unsupported(
        path: url.path,
        feature: pages.isEmpty ? "it has no page" : "its pages have different sizes or types")
    }
    let voxels: any VoxelSource
    if pages.count == 1, slices > 1 {
      voxels = try stack(of: slices, first, url, isBigEndian: file.isBigEndian)
    } else {
      slices = pages.count
      try requireOwnParts(pages, in: file)
      voxels = TIFFVoxels(mapped, file, pages)
    }
    let header = try header(first, slices: slices, url, isSegmentation: isSegmentation)
    return OpenVolume(header: header, voxels: voxels)
  }

  private static func header(
    _ page: TIFFPage, slices: Int, _ url: URL, isSegmentation: Bool
  ) throws(ImagingError) -> VolumeHeader {
    guard slices == 1 || page.samples == 1 else {
      throw .unsupported(path: url.path, feature: "it has several pages with colors")
    }
    let header = VolumeHeader(
      extents: [page.width, page.height] + (slices > 1 ? [slices] : []), channels: page.samples,
      isInterleaved: true, scalar: page.scalar,
      geometry: slices > 1
        ? Geometry(spacing: try TIFFSpacing.read(beside: url, isSegmentation: isSegmentation))
        : Geometry(flat: [1, 1]))
    guard header.isPossible else {
      throw .invalidHeader(
        path: url.path, field: "the size", value: "\(header.extents)",
        expected: "numbers of pixels")
    }
    return header
  }

  /// The images in a file from ImageJ, which has one directory for all.
  private static func imageJSlices(_ directory: TIFFDirectory, _ page: TIFFPage) -> Int {
    guard let text = directory.text(270), text.begins(with: "ImageJ=") else { return 1 }
    let line = text.lines.lazy.compactMap { $0.dropping(prefix: "images=") }.first
    return line.flatMap { Int($0) } ?? 1
  }

  private static func stack(
    of slices: Int, _ page: TIFFPage, _ url: URL, isBigEndian: Bool
  ) throws(ImagingError) -> any VoxelSource {
    guard case .none = page.compression, page.bits >= 8, page.predictor == 1,
      let first = page.blocks.first
    else { throw .unsupported(path: url.path, feature: "its slices have no directories") }
    let header = VolumeHeader(
      extents: [page.width, page.height, slices], channels: page.samples, scalar: page.scalar,
      geometry: Geometry())
    guard header.isPossible else {
      throw .invalidHeader(
        path: url.path, field: "images", value: "\(slices)", expected: "a number of slices")
    }
    return try FileVoxels(
      url, from: first.offset, packing: .plain, header: header,
      isByteSwapped: isBigEndian != (Int16(1).bigEndian == 1))
  }

  /// Checks that the parts of all pages may be disjoint: many pages that share one would make a
  /// small file large.
  private static func requireOwnParts(
    _ pages: [TIFFPage], in file: TIFFBytes
  ) throws(ImagingError) {
    var total = 0
    for page in pages {
      for block in page.blocks {
        total += block.byteCount
        guard total <= file.bytes.count else {
          throw file.damaged("the sizes of its parts", "\(total)", expected: "bytes of the file")
        }
      }
    }
  }
}
