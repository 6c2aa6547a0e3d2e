import HostSystem

/// Loops that turn stored voxels into labels and find the first voxel that is not a label.
enum LabelConversion {
  /// Converts stored voxels to labels.
  ///
  /// - Returns: The first voxel whose value is not an integer in 0...255, or nil.
  static func convert(
    _ bytes: UnsafeRawBufferPointer, _ scalar: NIfTIScalar, slope: Double, intercept: Double,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) -> (offset: Int, value: Double)? {
    if slope != 1 || intercept != 0 {
      return scaled(bytes, scalar, slope, intercept, target)
    }
    switch scalar {
    case .uint8:
      UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
      return nil
    case .int8: return integers(bytes.assumingMemoryBound(to: Int8.self), target)
    case .uint16: return integers(bytes.assumingMemoryBound(to: UInt16.self), target)
    case .int16: return integers(bytes.assumingMemoryBound(to: Int16.self), target)
    case .uint32: return integers(bytes.assumingMemoryBound(to: UInt32.self), target)
    case .int32: return integers(bytes.assumingMemoryBound(to: Int32.self), target)
    case .uint64: return integers(bytes.assumingMemoryBound(to: UInt64.self), target)
    case .int64: return integers(bytes.assumingMemoryBound(to: Int64.self), target)
    case .float32: return reals(bytes.assumingMemoryBound(to: Float.self), target)
    case .float64: return reals(bytes.assumingMemoryBound(to: Double.self), target)
    }
  }

  @inline(__always)
  private static func integers<Stored: FixedWidthInteger>(
    _ source: UnsafeBufferPointer<Stored>, _ target: UnsafeMutableBufferPointer<UInt8>
  ) -> (offset: Int, value: Double)? {
    var isClean = true
    for index in source.indices {
      let value = source[index]
      let label = UInt8(truncatingIfNeeded: value)
      isClean = isClean && Stored(truncatingIfNeeded: label) == value
      target[index] = label
    }
    guard !isClean else { return nil }
    return source.firstIndex { $0 < 0 || $0 > Stored(clamping: 255) }.map {
      ($0, Double(source[$0]))
    }
  }

  @inline(__always)
  private static func reals<Stored: BinaryFloatingPoint>(
    _ source: UnsafeBufferPointer<Stored>, _ target: UnsafeMutableBufferPointer<UInt8>
  ) -> (offset: Int, value: Double)? {
    for index in source.indices {
      let value = source[index]
      guard value >= 0, value <= 255, value == value.rounded(.towardZero) else {
        return (index, Double(value))
      }
      target[index] = UInt8(value)
    }
    return nil
  }

  private static func scaled(
    _ bytes: UnsafeRawBufferPointer, _ scalar: NIfTIScalar, _ slope: Double, _ intercept: Double,
    _ target: UnsafeMutableBufferPointer<UInt8>
  ) -> (offset: Int, value: Double)? {
    let count = bytes.count / scalar.size
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { values in
      VoxelConversion.convert(
        bytes, scalar, slope: slope, intercept: intercept, into: values.baseAddress!)
      return reals(UnsafeBufferPointer(values), target)
    }
  }
}
