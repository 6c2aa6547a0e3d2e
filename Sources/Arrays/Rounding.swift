import HostSystem

/// Rounds to the nearest integer, halves to the even one, as Python's `round` and NumPy do.
///
/// - Precondition: `value` is finite and in the range of `Int`.
package func roundHalfEven(_ value: Double) -> Int {
  Int(trusted: value.rounded(.toNearestOrEven))
}
