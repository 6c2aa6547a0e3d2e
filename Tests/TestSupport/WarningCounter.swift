import Foundation
public import HostSystem

/// Counts and keeps what it is warned of.
public final class WarningCounter: HostSystem.ProgressReporting, @unchecked Sendable {
  private let lock = NSLock()
  private var warnings: [String] = []
  public var count: Int { messages.count }
  public var messages: [String] { lock.withLock { warnings } }

  public init() {}

  public func note(_ message: String) {}
  public func warn(_ message: String) { lock.withLock { warnings.append(message) } }
  public func advance(_ activity: String, completed: Int, of total: Int) {}
}
