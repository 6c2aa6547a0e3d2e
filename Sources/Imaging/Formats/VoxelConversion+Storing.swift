extension VoxelConversion {
  /// The bytes of voxels stored as `scalar`: integers are rounded to the nearest and kept within
  /// the range of their type, NaN becomes zero.
  static func stored(_ values: [Float], as scalar: NIfTIScalar) -> [UInt8] {
    switch scalar {
    case .uint8: integers(values, as: UInt8.self)
    case .int8: integers(values, as: Int8.self)
    case .uint16: integers(values, as: UInt16.self)
    case .int16: integers(values, as: Int16.self)
    case .uint32: integers(values, as: UInt32.self)
    case .int32: integers(values, as: Int32.self)
    case .uint64: integers(values, as: UInt64.self)
    case .int64: integers(values, as: Int64.self)
    case .float32: values.withUnsafeBytes(Array.init)
    case .float64: values.map(Double.init).withUnsafeBytes(Array.init)
    }
  }

  @inline(__always)
  private static func integers<Stored: FixedWidthInteger>(
    _ values: [Float], as _: Stored.Type
  ) -> [UInt8] {
    // Single precision may round the largest integer up, out of the range.
    let largest = Float(Stored.max)
    let upper = Stored(exactly: largest) == nil ? largest.nextDown : largest
    let lower = Float(Stored.min)
    let size = values.count * MemoryLayout<Stored>.size
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      for (index, value) in values.enumerated() {
        let bounded = value.isNaN ? 0 : min(max(value.rounded(.toNearestOrEven), lower), upper)
        UnsafeMutableRawPointer(buffer.baseAddress!).storeBytes(
          of: Stored(bounded), toByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
      }
      count = size
    }
  }
}
