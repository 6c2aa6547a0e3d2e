import Foundation
public import HostSystem

/// Counts and collects warnings.
public final class WarningCounter: Reporter, @unchecked Sendable {
  private let lock = NSLock()
  private var warnings: [String] = []
  /// The number of warnings.
  public var count: Int { messages.count }
  /// All warnings, in their order.
  public var messages: [String] { lock.withLock { warnings } }

  /// Creates a counter without warnings.
  public init() {}

  /// Ignores the message.
  public func note(_ message: String) {}
  /// Keeps the message.
  public func warn(_ message: String) { lock.withLock { warnings.append(message) } }
  /// Ignores the step.
  public func advance(_ activity: String, completed: Int, of total: Int) {}
}
