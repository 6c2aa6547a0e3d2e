import HostSystem

extension NIfTIHeader {
  /// Creates the header of a new file, for voxels `(z, y, x)`.
  init(writing geometry: Geometry, shape: [Int], _ scalar: NIfTIScalar) {
    precondition(shape.count == 3, "a file holds one 3D image")
    self.init(
      version: 1, isByteSwapped: false, extents: shape.reversed(), scalar: scalar, slope: 1,
      intercept: 0, dataOffset: 352, geometry: geometry)
  }

  /// The 352 bytes before the voxels: a version 1 header like ITK's, and no extensions.
  ///
  /// Both transforms are set with code 1 (scanner coordinates); the unit is the millimetre.
  func encoded() -> [UInt8] {
    let layout = NIfTILayout.version1
    var bytes = [UInt8](repeating: 0, count: 352)
    func put(_ value: some FixedWidthInteger, at offset: Int) {
      withUnsafeBytes(of: value.littleEndian) { source in
        bytes.replaceSubrange(offset..<offset + source.count, with: source)
      }
    }
    func put(_ values: [Float], _ field: NIfTILayout.Field) {
      for (index, value) in values.enumerated() {
        put(value.bitPattern, at: field.offset + 4 * index)
      }
    }
    let quaternion = RotationQuaternion(direction: geometry.direction)
    put(Int32(348), at: 0)
    bytes[38] = UInt8(ascii: "r")  // "regular", a relic that programs still expect
    let dimensions = [extents.count] + extents + Array(repeating: 1, count: 7 - extents.count)
    for (axis, extent) in dimensions.enumerated() {
      put(Int16(clamping: extent), at: layout.dim.offset + 2 * axis)
    }
    put(Int16(scalar.rawValue), at: layout.datatype.offset)
    put(Int16(scalar.size * 8), at: layout.bitpix.offset)
    put([quaternion.flip] + geometry.spacing.map { Float($0) }, layout.pixdim)
    put([Float(dataOffset)], layout.voxOffset)
    put([Float(slope)], layout.slope)
    put([Float(intercept)], layout.intercept)
    bytes[layout.units.offset] = 2 + 8  // millimetres, seconds
    put(Int16(1), at: layout.qformCode.offset)
    put(Int16(1), at: layout.sformCode.offset)
    put([quaternion.b, quaternion.c, quaternion.d], layout.quaternion)
    put(
      [-geometry.origin[0], -geometry.origin[1], geometry.origin[2]].map { Float($0) },
      layout.qoffset)
    put(geometry.rasRows, layout.srow)
    bytes.replaceSubrange(layout.magicOffset..<layout.magicOffset + 4, with: layout.magic)
    return bytes
  }
}

extension Geometry {
  /// The 3×4 matrix from voxel indices to RAS coordinates in mm, row-major, as in the header.
  fileprivate var rasRows: [Float] {
    (0..<3).flatMap { row -> [Float] in
      let sign: Double = row < 2 ? -1 : 1
      return (0..<3).map { Float(sign * direction[row * 3 + $0]) * Float(spacing[$0]) }
        + [Float(sign * origin[row])]
    }
  }
}
