import HostSystem

/// What the header of a NIfTI file says about its voxels and their positions.
package struct NIfTIHeader: Hashable, Sendable {
  /// The version of the format, 1 or 2.
  package var version: Int
  /// Whether the numbers are stored in the other byte order than this machine's.
  package var isByteSwapped: Bool
  /// The extent along each axis, x first; axes of extent 1 after the third are omitted.
  package var extents: [Int]
  /// The type of the stored voxels.
  package var scalar: NIfTIScalar
  /// A voxel's value is `slope · stored + intercept`; 1 and 0 if nothing is scaled.
  package var slope: Double
  package var intercept: Double
  /// The byte at which the voxels begin.
  package var dataOffset: Int
  /// Spacing, origin and direction of the first three axes; see <doc:Geometry>.
  package var geometry: Geometry

  /// The number of voxels of the whole file.
  package var voxelCount: Int { extents.trustedProduct }
  /// The number of 3D images in the file.
  package var volumeCount: Int { extents.dropFirst(3).trustedProduct }
  /// The shape of one 3D image, `(z, y, x)`; a 2D image has one slice.
  package var volumeShape: [Int] {
    let spatial = extents.prefix(3)
    return (Array(spatial) + Array(repeating: 1, count: 3 - spatial.count)).reversed()
  }
  /// Whether stored values differ from the image's values.
  package var isScaled: Bool { slope != 1 || intercept != 0 }
}

extension NIfTIHeader {
  /// Parses the first bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: At least the first 540 bytes, or all of a shorter file.
  ///   - path: The file's name for error messages.
  /// - Throws: ``ImagingError`` if the file is not a NIfTI file, ends within the header, has
  ///   impossible fields or is of an unsupported kind.
  init(parsing bytes: [UInt8], path: String) throws(ImagingError) {
    let (layout, isByteSwapped) = try Self.layout(of: bytes, path: path)
    let reader = NIfTIFieldReader(bytes: bytes, isByteSwapped: isByteSwapped)
    self.version = layout.version
    self.isByteSwapped = isByteSwapped
    extents = try Self.extents(reader, layout, path: path)
    scalar = try Self.scalar(reader, layout, path: path)
    (slope, intercept) = Self.scaling(reader, layout)
    dataOffset = try Self.dataOffset(reader, layout, path: path)
    geometry = try NIfTIOrientation(reader, layout).geometry(
      spatialRank: min(extents.count, 3), path: path)
  }

  /// The version and byte order, by the header's size in its first field and by the magic.
  static func layout(
    of bytes: [UInt8], path: String
  ) throws(ImagingError) -> (NIfTILayout, isByteSwapped: Bool) {
    guard bytes.count >= 4 else {
      throw .notNIfTI(path: path, reason: "it has only \(bytes.count) bytes")
    }
    let first = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
    let layouts = [NIfTILayout.version1, .version2]
    guard
      let layout = layouts.first(where: {
        Int(first) == $0.size || Int(first.byteSwapped) == $0.size
      })
    else {
      throw .notNIfTI(path: path, reason: "its first number is neither 348 nor 540")
    }
    guard bytes.count >= layout.size else {
      throw .truncated(path: path, expectedBytes: layout.size, availableBytes: bytes.count)
    }
    let magic = Array(bytes[layout.magicOffset..<layout.magicOffset + layout.magic.count])
    guard magic != layout.pairMagic else {
      throw .unsupported(path: path, feature: "its voxels are in a separate .img file")
    }
    guard magic == layout.magic else {
      throw .notNIfTI(path: path, reason: "its magic is not n+\(layout.version)")
    }
    return (layout, Int(first) != layout.size)
  }

  private static func extents(
    _ reader: NIfTIFieldReader, _ layout: NIfTILayout, path: String
  ) throws(ImagingError) -> [Int] {
    let rank = reader.integer(layout.dim) ?? 0
    guard (1...7).contains(rank) else {
      throw .invalidHeader(path: path, field: "dim[0]", value: "\(rank)", expected: "1...7")
    }
    var extents: [Int] = []
    var count = 1
    for axis in 1...rank {
      var extent = reader.integer(layout.dim, axis) ?? 0
      // Some programs leave the unused axes after the third at zero.
      if axis > 3, extent == 0 { extent = 1 }
      let product = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, extent <= Int32.max, !product.overflow,
        product.partialValue <= Int.max / 64
      else {
        throw .invalidHeader(
          path: path, field: "dim[\(axis)]", value: "\(extent)", expected: "a number of voxels")
      }
      count = product.partialValue
      extents.append(extent)
    }
    while extents.count > 3, extents.last == 1 { extents.removeLast() }
    return extents
  }

  private static func scalar(
    _ reader: NIfTIFieldReader, _ layout: NIfTILayout, path: String
  ) throws(ImagingError) -> NIfTIScalar {
    let code = reader.integer(layout.datatype) ?? 0
    guard let scalar = NIfTIScalar(rawValue: code) else {
      throw .unsupported(
        path: path,
        feature: "its voxels are \(NIfTIScalar.name(ofUnsupported: code)) (datatype \(code))")
    }
    return scalar
  }

  /// A slope of zero means that nothing is scaled (nifti1.h).
  private static func scaling(
    _ reader: NIfTIFieldReader, _ layout: NIfTILayout
  ) -> (slope: Double, intercept: Double) {
    let slope = reader.finite(layout.slope)
    return abs(slope) < Double.ulpOfOne ? (1, 0) : (slope, reader.finite(layout.intercept))
  }

  private static func dataOffset(
    _ reader: NIfTIFieldReader, _ layout: NIfTILayout, path: String
  ) throws(ImagingError) -> Int {
    guard let offset = reader.integer(layout.voxOffset), offset >= 0, offset <= Int.max / 64 else {
      throw .invalidHeader(
        path: path, field: "vox_offset", value: "\(reader.real(layout.voxOffset))",
        expected: "the position of the voxels")
    }
    // Programs that leave the field at zero put the voxels right after the header.
    return max(offset, layout.size)
  }
}
