// Conversions of numbers that come from files, flags and headers, and of what is computed from them.
//
// `Int(x)` ends the program where x is not a number or too large; in a program that reads files of
// others, each such place is a way to lose a night's work. Here each conversion says what happens then, and
// `Int(x)` of a floating-point value does not compile.

/// The conversions between numbers that say what happens to those that do not fit.
extension FixedWidthInteger {
  /// The whole number next to `value`, halves away from zero; nil where the type has none.
  package init?(nearest value: Double) { self.init(exactly: value.rounded()) }

  /// The number of `limits` next to `value`; nil for what is not a number.
  package init?(nearest value: Double, within limits: ClosedRange<Self>) {
    guard !value.isNaN else { return nil }
    let rounded = value.rounded()
    if rounded <= Double(limits.lowerBound) {
      self = limits.lowerBound
    } else if rounded >= Double(limits.upperBound) {
      self = limits.upperBound
    } else {
      self.init(exactly: rounded)
    }
  }
}

extension FixedWidthInteger {
  /// A number that the program made itself and knows to fit, without its fraction.
  ///
  /// Traps otherwise. Not for what stands in a file, a flag or a header.
  @inlinable package init(trusted value: Double) { self.init(Int64(value)) }

  /// A number that the program made itself and knows to fit, without its fraction.
  @inlinable package init(trusted value: Float) { self.init(Int64(value)) }
}

/// The product of extents; nil where it exceeds `Int` or a factor is negative.
///
/// A zero among the factors does not hide others that are too large: what comes from a file is multiplied
/// again in other orders.
package func checkedProduct(_ factors: some Sequence<Int>) -> Int? {
  var product = 1
  var hasZero = false
  for factor in factors {
    guard factor >= 0 else { return nil }
    if factor == 0 {
      hasZero = true
      continue
    }
    let (next, overflows) = product.multipliedReportingOverflow(by: factor)
    guard !overflows else { return nil }
    product = next
  }
  return hasZero ? 0 : product
}

extension Sequence<Int> {
  /// The number of elements of an array of these extents that is in memory or was checked before.
  ///
  /// Traps where it exceeds `Int`; extents from outside go through ``checkedProduct(_:)`` first.
  @inlinable package var trustedProduct: Int { reduce(1, *) }
}

// MARK: What does not compile

// Each of these makes `T(aFloatingPointValue)` ambiguous. They are never called; they throw, because Swift
// would prefer them to the standard library's otherwise.

extension Int {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension Int8 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension Int16 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension Int32 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension UInt {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension UInt8 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension UInt16 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension UInt32 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

extension UInt64 {
  package init(_ value: Double) throws { throw UnstatedConversion() }
  package init(_ value: Float) throws { throw UnstatedConversion() }
}

/// Thrown by no code that compiles; see above.
struct UnstatedConversion: Error {}
