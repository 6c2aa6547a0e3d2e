import Foundation
import HostSystem
import Plans

/// The names of a task's labels, as far as a dataset.json tells them.
struct LabelNames {
  let names: [Int: String]

  /// Looks into the prepared task, then into the raw one.
  init(of task: String, in workspace: Workspace) {
    self.init(beside: [try? workspace.preprocessedTask(task), try? workspace.rawTask(task)])
  }

  /// Looks for a dataset.json in folders, the first one that can be read.
  init(beside folders: [URL?]) {
    let files = folders.compactMap { $0?.appending(path: "dataset.json") }.filter(fileExists)
    names =
      files.lazy.compactMap { try? DatasetDescription.read(from: $0).labels }.first ?? [:]
  }
}
