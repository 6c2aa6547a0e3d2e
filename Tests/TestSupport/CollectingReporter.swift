public import HostSystem
import Synchronization

/// Collects the reports.
public final class CollectingReporter: Reporter, Sendable {
  private struct Collected {
    var notes: [String] = []
    var warnings: [String] = []
    var steps: [(completed: Int, total: Int)] = []
    var warningsBeforeWork: [String]?
  }

  private let collected = Mutex(Collected())

  /// Creates a reporter without messages.
  public init() {}

  /// All notes, in their order.
  public var notes: [String] { collected.withLock { $0.notes } }
  /// All warnings, in their order.
  public var warnings: [String] { collected.withLock { $0.warnings } }
  /// The progress, report by report.
  public var steps: [(completed: Int, total: Int)] { collected.withLock { $0.steps } }
  /// The warnings before the first step.
  public var warningsBeforeWork: [String] {
    collected.withLock { $0.warningsBeforeWork ?? $0.warnings }
  }

  /// Keeps the message.
  public func note(_ message: String) { collected.withLock { $0.notes.append(message) } }
  /// Keeps the message.
  public func warn(_ message: String) { collected.withLock { $0.warnings.append(message) } }
  /// Keeps the progress.
  public func advance(_ activity: String, completed: Int, of total: Int) {
    collected.withLock { collected in
      collected.warningsBeforeWork = collected.warningsBeforeWork ?? collected.warnings
      collected.steps.append((completed, total))
    }
  }
}
