import Foundation
public import HostSystem

/// Collects the warnings, and those that came before any step was reported.
public final class CollectingReporter: Reporter, @unchecked Sendable {
  private let lock = NSLock()
  private var collected: [String] = []
  private var countBeforeWork: Int?

  /// Creates a reporter without warnings.
  public init() {}

  /// All warnings, in their order.
  public var warnings: [String] { lock.withLock { collected } }
  /// The warnings before the first step.
  public var warningsBeforeWork: [String] {
    lock.withLock { Array(collected.prefix(countBeforeWork ?? collected.count)) }
  }

  /// Ignores the message.
  public func note(_ message: String) {}
  /// Keeps the message.
  public func warn(_ message: String) { lock.withLock { collected.append(message) } }
  /// Records that work has begun.
  public func advance(_ activity: String, completed: Int, of total: Int) {
    lock.withLock { countBeforeWork = countBeforeWork ?? collected.count }
  }
}
