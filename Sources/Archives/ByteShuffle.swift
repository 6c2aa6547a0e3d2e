import HostSystem

/// Groups the first bytes of all numbers, then the second bytes, and so on.
///
/// Neighbouring voxels have nearly the same sign and exponent, which are in the last byte; on their
/// own, these bytes compress far better than between the noise of the others.
enum ByteShuffle {
  /// Rearranges the bytes of `count` numbers of four bytes.
  static func shuffle(
    _ source: UnsafePointer<UInt32>, count: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    for plane in 0..<4 {
      let row = target + plane &* count
      let shift = UInt32(8 &* plane)
      for index in 0..<count { row[index] = UInt8(truncatingIfNeeded: source[index] &>> shift) }
    }
  }

  /// Undoes ``shuffle(_:count:into:)``.
  static func unshuffle(
    _ source: UnsafePointer<UInt8>, count: Int, into target: UnsafeMutablePointer<UInt32>
  ) {
    let (second, third, fourth) = (source + count, source + 2 &* count, source + 3 &* count)
    for index in 0..<count {
      let low = UInt32(source[index]) | UInt32(second[index]) &<< 8
      target[index] = low | UInt32(third[index]) &<< 16 | UInt32(fourth[index]) &<< 24
    }
  }
}
