import Foundation
import HostSystem
import Plans

/// The names of a task's labels, as far as a dataset.json contains them.
struct LabelNames {
  let names: [Int: String]

  /// Searches the prepared task, then the raw one.
  init(of task: String, in workspace: Workspace) {
    self.init(beside: [try? workspace.preprocessedTask(task), try? workspace.rawTask(task)])
  }

  /// The first readable dataset.json in some folders.
  init(beside folders: [URL?]) {
    let files = folders.compactMap { $0?.appending(path: "dataset.json") }.filter(fileExists)
    names =
      files.lazy.compactMap { try? DatasetDescription.read(from: $0).labels }.first ?? [:]
  }
}
