public import Foundation
import HostSystem
public import Plans

/// The file that says that all cases of a task were prepared by certain plans.
///
/// It is removed before planning begins and written when the last case is there, so that an
/// interrupted preparation is told from a complete one.
public struct PreparationMark: Hashable, Sendable {
  public var file: URL

  /// The mark for a task's plans, `prepared_PLANS.json` beside them.
  public init(task: String, plans: String, in workspace: Workspace) throws {
    file = try workspace.preprocessedTask(task).appending(path: "prepared_\(plans).json")
  }

  /// Whether the cases are prepared.
  public var isThere: Bool { fileExists(file) }

  /// Takes the mark away.
  public func remove() throws {
    if isThere { try FileManager.default.removeItem(at: file) }
  }

  /// Writes the mark.
  public func write() throws { try JSONFile.write(Content(complete: true), to: file) }

  private struct Content: Codable {
    var complete: Bool
  }
}
