import Arrays
package import Foundation
import HostSystem

/// Reads and writes image files of every format, which the ending of a file's name determines.
///
/// The result is the same as in nnU-Net v2's readers and SimpleITK: the stored values, and geometry
/// in LPS coordinates.
package enum VolumeFile {
  /// Reads what the file at `url` says about its image, but no voxels.
  package static func readHeader(at url: URL) throws(ImagingError) -> VolumeHeader {
    if try VolumeFormat(of: url) == .nifti {
      return VolumeHeader(try NIfTIFile.readHeader(at: url))
    }
    return try open(url).header
  }

  /// Reads all channels of an image in single precision.
  package static func readChannels(at url: URL) throws(ImagingError) -> ChannelVolume {
    if try VolumeFormat(of: url) == .nifti {
      let volume = try NIfTIFile.readVolume(at: url)
      return ChannelVolume(
        voxels: DenseArray(shape: [1] + volume.voxels.shape, scalars: volume.voxels.scalars),
        geometry: volume.geometry)
    }
    let volume = try open(url)
    let header = volume.header
    try requireMemory(
      values: header.voxelCount * header.channels, bytesPerValue: MemoryLayout<Float>.size,
      shape: header.volumeShape, url)
    let voxels = try filledArray(
      shape: [header.channels] + header.volumeShape, of: Float.self
    ) { (target) throws(ImagingError) in
      try forEachPiece(of: volume, url) { (piece, position) throws(ImagingError) in
        guard header.isInterleaved, header.channels > 1 else {
          VoxelConversion.convert(
            piece, header.scalar, slope: 1, intercept: 0, into: target.baseAddress! + position)
          return
        }
        part(piece, of: header, from: position, into: target)
      }
    }
    return ChannelVolume(voxels: voxels, geometry: header.geometry)
  }

  /// Reads an image of one channel in single precision.
  ///
  /// - Throws: ``ImagingError/severalChannels(path:count:)``.
  package static func readVolume(at url: URL) throws(ImagingError) -> Volume {
    let image = try readChannels(at: url)
    guard image.channels == 1 else {
      throw .severalChannels(path: url.path, count: image.channels)
    }
    return Volume(
      voxels: DenseArray(shape: image.volumeShape, scalars: image.voxels.scalars),
      geometry: image.geometry)
  }

  /// Reads a segmentation.
  ///
  /// - Throws: ``ImagingError/invalidLabel(path:value:index:)`` for the first voxel that is not
  ///   an integer of 0...255.
  package static func readLabels(at url: URL) throws(ImagingError) -> LabelVolume {
    if try VolumeFormat(of: url) == .nifti { return try NIfTIFile.readLabels(at: url) }
    let volume = try open(url, isSegmentation: true)
    let header = volume.header
    guard header.channels == 1 else {
      throw .severalChannels(path: url.path, count: header.channels)
    }
    try requireMemory(
      values: header.voxelCount, bytesPerValue: 1, shape: header.volumeShape, url)
    let labels = try filledArray(shape: header.volumeShape, of: UInt8.self) {
      (target) throws(ImagingError) in
      try forEachPiece(of: volume, url) { (piece, position) throws(ImagingError) in
        let wrong = LabelConversion.convert(
          piece, header.scalar, slope: 1, intercept: 0,
          into: UnsafeMutableBufferPointer(rebasing: target[position...]))
        guard let wrong else { return }
        throw invalidLabel(
          wrong.value, at: position + wrong.offset, shape: header.volumeShape, url)
      }
    }
    return LabelVolume(labels: labels, geometry: header.geometry)
  }

  /// Opens a file of a format other than NIfTI.
  private static func open(
    _ url: URL, isSegmentation: Bool = false
  ) throws(ImagingError) -> OpenVolume {
    switch try VolumeFormat(of: url) {
    case .nifti: preconditionFailure("NIfTI files have a reader that scales")
    case .nrrd: try NRRDFile.open(url)
    case .metaImage: try MetaImageFile.open(url)
    case .gipl: try GIPLFile.open(url)
    case .bmp: try BMPFile.open(url)
    case .png: try PNGFile.open(url)
    case .tiff: try TIFFFile.open(url, isSegmentation: isSegmentation)
    }
  }
}

// MARK: - Values

extension VolumeFile {
  /// Calls `body` with all values in pieces and the position of the first of each.
  private static func forEachPiece(
    of volume: OpenVolume, _ url: URL,
    _ body: (UnsafeRawBufferPointer, Int) throws(ImagingError) -> Void
  ) throws(ImagingError) {
    let header = volume.header
    try Imaging.forEachPiece(
      of: header.voxelCount * header.channels, width: header.scalar.size,
      in: AlignedScratch(byteCount: 1 << 16),
      fill: { (piece) throws(ImagingError) in
        guard try volume.voxels.fill(piece) == piece.count else {
          throw .truncated(path: url.path, expectedBytes: header.byteCount, availableBytes: -1)
        }
      }, body)
    try volume.voxels.finish()
  }

  /// Puts each value of a piece into the plane of its channel.
  private static func part(
    _ piece: UnsafeRawBufferPointer, of header: VolumeHeader, from position: Int,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let (channels, voxels) = (header.channels, header.voxelCount)
    let count = piece.count / header.scalar.size
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { values in
      VoxelConversion.convert(
        piece, header.scalar, slope: 1, intercept: 0, into: values.baseAddress!)
      var (voxel, channel) = position.quotientAndRemainder(dividingBy: channels)
      for index in 0..<count {
        target[channel * voxels + voxel] = values[index]
        channel += 1
        if channel == channels { (voxel, channel) = (voxel + 1, 0) }
      }
    }
  }
}

extension VolumeHeader {
  /// What a NIfTI file says; a fourth axis is ignored here.
  init(_ header: NIfTIHeader) {
    self.init(
      extents: header.volumeShape.reversed(), channels: header.volumeCount, scalar: header.scalar,
      geometry: header.geometry)
  }
}
