import Foundation
public import HostSystem

/// Counts what it is warned of.
public final class WarningCounter: HostSystem.ProgressReporting, @unchecked Sendable {
  private let lock = NSLock()
  private var warnings = 0
  public var count: Int { lock.withLock { warnings } }

  public init() {}

  public func note(_ message: String) {}
  public func warn(_ message: String) { lock.withLock { warnings += 1 } }
  public func advance(_ activity: String, completed: Int, of total: Int) {}
}
