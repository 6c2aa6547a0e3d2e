import Foundation

/// Waits until a condition is true.
///
/// The limit is two minutes: on an idle machine, no test waits for anything that takes a tenth of
/// that.
///
/// - Parameter condition: Checked every two milliseconds.
/// - Returns: Whether it became true in time.
@discardableResult
public func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(120)
  while try !condition() {
    guard ContinuousClock.now < end else { return false }
    usleep(2000)
  }
  return true
}
