package import Foundation
import HostSystem
package import Plans

/// Finds the folder of a model from the user's input, in the layouts of v1 and v2.
///
/// A model of v2 is in `RESULTS_FOLDER/nnUNet/DATASET/TRAINER__PLANS__CONFIGURATION`. It is found
/// by its dataset's name or number if no model of v1 matches. If trainer and plans are v1's
/// defaults, the only model of the dataset is used, whatever its trainer and plans.
package struct ModelLookup {
  package var workspace: Workspace
  package var task: String
  package var network: String
  package var trainer: String
  package var plans: String

  package init(
    workspace: Workspace, task: String, network: String, trainer: String, plans: String
  ) {
    self.workspace = workspace
    self.task = task
    self.network = network
    self.trainer = trainer
    self.plans = plans
  }

  /// The folder, which exists unless it belongs to a model of v1.
  package func folder() throws -> URL {
    let results = try workspace.allResults()
    if !task.begins(with: "Dataset"), let folder = try? v1Folder(),
      fileExists(folder)
    {
      return folder
    }
    let datasets = entries(of: results).filter(isMeant)
    let models = datasets.flatMap { dataset in
      entries(of: results.appending(path: dataset)).filter { $0.ends(with: "__\(network)") }
        .map { "\(dataset)/\($0)" }
    }
    if let exact = models.first(where: { $0.ends(with: "/\(trainer)__\(plans)__\(network)") }) {
      return results.appending(path: exact)
    }
    if [DefaultNames.trainer, DefaultNames.cascadeTrainer].contains(trainer),
      plans == DefaultNames.plans, let only = models.first
    {
      guard models.count == 1 else {
        throw ModelLookupError.several(models: models, folder: results.path)
      }
      return results.appending(path: only)
    }
    guard task.begins(with: "Dataset") || !datasets.isEmpty else { return try v1Folder() }
    throw ModelLookupError.noModel(
      task: task, name: "\(trainer)__\(plans)__\(network)", folder: results.path,
      found: datasets.flatMap { dataset in
        entries(of: results.appending(path: dataset)).map { "\(dataset)/\($0)" }
      })
  }

  private func v1Folder() throws -> URL {
    guard let configuration = Configuration(rawValue: network) else {
      throw ModelLookupError.unknownNetwork(network)
    }
    return try workspace.modelFolder(
      configuration: configuration, task: workspace.taskName(for: task), trainer: trainer,
      plans: plans)
  }

  /// Whether a folder is the requested dataset, by name or by number.
  private func isMeant(_ folder: String) -> Bool {
    guard let id = folder.dropping(prefix: "Dataset").flatMap({ Int($0.prefix { $0 != "_" }) })
    else {
      return false
    }
    return folder == task || id == Int(task)
  }

  private func entries(of folder: URL) -> [String] {
    (try? visibleNames(in: folder)) ?? []
  }
}

/// A model that is missing or not the only one.
package enum ModelLookupError: ExplainedError {
  case unknownNetwork(String)
  case several(models: [String], folder: String)
  case noModel(task: String, name: String, folder: String, found: [String])

  package var message: String {
    switch self {
    case .unknownNetwork(let network):
      "There is no network \(network): -m must be \(Configuration.list), "
        + "or a configuration of a model of nnU-Net v2."
    case .several(let models, let folder):
      "Several models in \(folder) fit:" + models.map { "\n  - \($0)" }.joined()
    case .noModel(let task, let name, let folder, let found):
      "\(folder) has no model \(name) of \(task)"
        + (found.isEmpty ? "." : ", only:" + found.map { "\n  - \($0)" }.joined())
    }
  }

  package var hint: String? {
    switch self {
    case .unknownNetwork: nil
    case .several: "Name one with -tr TRAINER and -p PLANS."
    case .noModel: "Models of v2 are DATASET/TRAINER__PLANS__CONFIGURATION: -t, -tr, -p and -m."
    }
  }
}
