import HostSystem

/// An element type of `.npy` files.
package protocol NPYScalar: BitwiseCopyable, Sendable {
  /// NumPy's name of the type without the byte order, such as `f4`.
  static var npyCode: String { get }
}

extension Float: NPYScalar {
  /// NumPy's `float32`.
  public static var npyCode: String { "f4" }
}

extension Double: NPYScalar {
  /// NumPy's `float64`.
  public static var npyCode: String { "f8" }
}

extension UInt8: NPYScalar {
  /// NumPy's `uint8`.
  public static var npyCode: String { "u1" }
}

extension UInt16: NPYScalar {
  /// NumPy's `uint16`.
  public static var npyCode: String { "u2" }
}

extension UInt32: NPYScalar {
  /// NumPy's `uint32`.
  public static var npyCode: String { "u4" }
}

extension UInt64: NPYScalar {
  /// NumPy's `uint64`.
  public static var npyCode: String { "u8" }
}

extension Int8: NPYScalar {
  /// NumPy's `int8`.
  public static var npyCode: String { "i1" }
}

extension Int16: NPYScalar {
  /// NumPy's `int16`.
  public static var npyCode: String { "i2" }
}

extension Int32: NPYScalar {
  /// NumPy's `int32`.
  public static var npyCode: String { "i4" }
}

extension Int64: NPYScalar {
  /// NumPy's `int64`.
  public static var npyCode: String { "i8" }
}

/// A stored half-precision number; for reading probabilities that other programs saved compactly.
package struct HalfPrecision: NPYScalar, Hashable {
  package static var npyCode: String { "f2" }
  /// The IEEE 754 binary16 pattern.
  package var bitPattern: UInt16

  package init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest half-precision number, the even one if two are equally near; too large numbers
  /// become infinite.
  package init(_ value: Float) {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude >= 0x7F80_0000 {
      bitPattern = sign | (magnitude > 0x7F80_0000 ? 0x7E00 : 0x7C00)
    } else if magnitude >= 0x477F_F000 {
      bitPattern = sign | 0x7C00
    } else if magnitude < 0x3880_0000 {
      // Subnormal: a multiple of 2⁻²⁴, which the scaled number rounds to.
      let steps = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
      bitPattern = sign | UInt16(trusted: steps)
    } else {
      let rounded = magnitude - (112 << 23) + 0xFFF + (magnitude >> 13 & 1)
      bitPattern = sign | UInt16(truncatingIfNeeded: rounded >> 13)
    }
  }

  /// The same number in single precision; every half-precision number has one.
  package var float: Float {
    let sign = UInt32(bitPattern & 0x8000) << 16
    let exponent = UInt32(bitPattern >> 10) & 0x1F
    let fraction = UInt32(bitPattern & 0x3FF)
    switch exponent {
    case 0:
      // Subnormal: fraction · 2⁻²⁴ is exact in single precision.
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
