// Conversions of numbers that come from files, flags and headers, and of numbers computed from
// them.
//
// `Int(x)` ends the program if x is not a number or too large. In a program that reads other
// people's files, each such place is a way to lose a night's work. Here, each conversion defines
// what happens then, and `Int(x)` of a floating-point value does not compile.

/// Conversions between numbers that define what happens to those that do not fit.
extension FixedWidthInteger {
  /// The whole number nearest to `value`, halves away from zero; nil if the type has none.
  package init?(nearest value: Double) { self.init(exactly: value.rounded()) }

  /// The number in `limits` nearest to `value`; nil for NaN.
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
  /// A number that the program computed itself and that is known to fit, without its fraction.
  ///
  /// Traps otherwise. Not for numbers from a file, a flag or a header.
  @inlinable package init(trusted value: Double) { self.init(Int64(value)) }

  /// A number that the program computed itself and that is known to fit, without its fraction.
  @inlinable package init(trusted value: Float) { self.init(Int64(value)) }
}

/// The product of extents; nil if it exceeds `Int` or a factor is negative.
///
/// A zero among the factors does not hide others that are too large: factors from a file are
/// multiplied again in other orders.
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
  /// Traps if it exceeds `Int`; check extents from outside with ``checkedProduct(_:)`` first.
  @inlinable package var trustedProduct: Int { reduce(1, *) }
}

// MARK: What does not compile

// Each of these makes `T(aFloatingPointValue)` ambiguous. They are never called; they throw because
// otherwise Swift would prefer them to the standard library's.

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
