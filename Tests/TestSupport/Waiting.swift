import Foundation

/// Waits until something holds.
///
/// Two minutes are the limit: no test waits for anything that takes a tenth of it on an idle machine.
///
/// - Parameter condition: Looked at every two milliseconds.
/// - Returns: Whether it held in time.
@discardableResult
public func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(120)
  while try !condition() {
    guard ContinuousClock.now < end else { return false }
    usleep(2000)
  }
  return true
}
