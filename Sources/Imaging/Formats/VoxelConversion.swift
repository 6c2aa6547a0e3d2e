/// Loops that turn stored voxels into numbers; each is a plain pass over memory.
enum VoxelConversion {
  /// Reverses the bytes of each voxel in place.
  static func swapBytes(_ bytes: UnsafeMutableRawBufferPointer, width: Int) {
    switch width {
    case 2: swap(bytes.assumingMemoryBound(to: UInt16.self))
    case 4: swap(bytes.assumingMemoryBound(to: UInt32.self))
    case 8: swap(bytes.assumingMemoryBound(to: UInt64.self))
    default: break
    }
  }

  /// Converts stored voxels to single precision.
  ///
  /// Scaled integers are rounded to single precision, scaled in double and rounded again, as ITK
  /// does it.
  static func convert(
    _ bytes: UnsafeRawBufferPointer, _ scalar: NIfTIScalar, slope: Double, intercept: Double,
    into target: UnsafeMutablePointer<Float>
  ) {
    switch scalar {
    case .uint8: floats(bytes.assumingMemoryBound(to: UInt8.self), target)
    case .int8: floats(bytes.assumingMemoryBound(to: Int8.self), target)
    case .uint16: floats(bytes.assumingMemoryBound(to: UInt16.self), target)
    case .int16: floats(bytes.assumingMemoryBound(to: Int16.self), target)
    case .uint32: floats(bytes.assumingMemoryBound(to: UInt32.self), target)
    case .int32: floats(bytes.assumingMemoryBound(to: Int32.self), target)
    case .uint64: floats(bytes.assumingMemoryBound(to: UInt64.self), target)
    case .int64: floats(bytes.assumingMemoryBound(to: Int64.self), target)
    case .float32: copy(bytes.assumingMemoryBound(to: Float.self), target)
    case .float64:
      // Doubles are scaled before rounding, so that they are rounded only once.
      scaledFloats(bytes.assumingMemoryBound(to: Double.self), slope, intercept, target)
      return
    }
    if slope != 1 || intercept != 0 {
      scale(target, bytes.count / scalar.size, slope, intercept)
    }
  }

  @inline(__always)
  private static func swap<Word: FixedWidthInteger>(_ words: UnsafeMutableBufferPointer<Word>) {
    for index in words.indices { words[index] = words[index].byteSwapped }
  }

  @inline(__always)
  private static func floats<Stored: FixedWidthInteger>(
    _ source: UnsafeBufferPointer<Stored>, _ target: UnsafeMutablePointer<Float>
  ) {
    guard let start = source.baseAddress else { return }
    for index in 0..<source.count { target[index] = Float(start[index]) }
  }

  private static func copy(
    _ source: UnsafeBufferPointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    guard let start = source.baseAddress else { return }
    target.update(from: start, count: source.count)
  }

  private static func scaledFloats(
    _ source: UnsafeBufferPointer<Double>, _ slope: Double, _ intercept: Double,
    _ target: UnsafeMutablePointer<Float>
  ) {
    guard let start = source.baseAddress else { return }
    for index in 0..<source.count { target[index] = Float(start[index] * slope + intercept) }
  }

  private static func scale(
    _ target: UnsafeMutablePointer<Float>, _ count: Int, _ slope: Double, _ intercept: Double
  ) {
    for index in 0..<count { target[index] = Float(Double(target[index]) * slope + intercept) }
  }
}
