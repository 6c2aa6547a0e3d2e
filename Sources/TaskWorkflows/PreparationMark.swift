package import Foundation
import HostSystem
import JSON
package import Plans

/// The file that shows that all cases of a task were prepared with certain plans.
///
/// It is removed before planning begins and written after the last case, which distinguishes an
/// interrupted preparation from a complete one.
package struct PreparationMark: Hashable, Sendable {
  package var file: URL

  /// The mark for a task's plans, `prepared_PLANS.json` next to them.
  package init(task: String, plans: String, in workspace: Workspace) throws {
    file = try workspace.preprocessedTask(task).appending(path: "prepared_\(plans).json")
  }

  /// Whether the cases are prepared.
  package var isThere: Bool { fileExists(file) }

  /// Removes the mark.
  package func remove() throws {
    if isThere { try FileManager.default.removeItem(at: file) }
  }

  /// Writes the mark.
  package func write() throws { try JSONFile.write(Content(complete: true), to: file) }

  private struct Content: Codable {
    var complete: Bool
  }
}
