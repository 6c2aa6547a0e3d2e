import Foundation
public import HostSystem

/// Keeps the warnings, and which of them came before any step was reported.
public final class CollectingReporter: HostSystem.ProgressReporting, @unchecked Sendable {
  private let lock = NSLock()
  private var collected: [String] = []
  private var countBeforeWork: Int?

  public init() {}

  public var warnings: [String] { lock.withLock { collected } }
  public var warningsBeforeWork: [String] {
    lock.withLock { Array(collected.prefix(countBeforeWork ?? collected.count)) }
  }

  public func note(_ message: String) {}
  public func warn(_ message: String) { lock.withLock { collected.append(message) } }
  public func advance(_ activity: String, completed: Int, of total: Int) {
    lock.withLock { countBeforeWork = countBeforeWork ?? collected.count }
  }
}
