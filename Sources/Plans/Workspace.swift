public import Foundation
import HostSystem

/// The three folders that nnU-Net's environment variables name, and the place of everything in
/// them.
///
/// The folders are values; only the command line reads the environment. A folder may be nil:
/// requesting a path in it throws a `WorkspaceError` that names the variable.
public struct Workspace: Hashable, Sendable {
  /// `nnUNet_raw_data_base`.
  package var rawDataBase: URL?
  /// `nnUNet_preprocessed`.
  package var preprocessed: URL?
  /// `RESULTS_FOLDER`.
  package var results: URL?

  /// The names of the environment variables.
  package static let rawDataVariable = "nnUNet_raw_data_base"
  package static let preprocessedVariable = "nnUNet_preprocessed"
  package static let resultsVariable = "RESULTS_FOLDER"

  /// Creates a workspace of these folders, which need not exist; nil for those that are not needed.
  public init(rawDataBase: URL?, preprocessed: URL?, results: URL?) {
    self.rawDataBase = rawDataBase
    self.preprocessed = preprocessed
    self.results = results
  }

  /// Takes the folders from the variables of an environment; empty variables count as unset.
  public init(environment: [String: String]) {
    func folder(_ variable: String) -> URL? {
      guard let path = environment[variable], !path.isEmpty else { return nil }
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    self.init(
      rawDataBase: folder(Self.rawDataVariable), preprocessed: folder(Self.preprocessedVariable),
      results: folder(Self.resultsVariable))
  }
}

// MARK: - Places

extension Workspace {
  /// The folder with the raw tasks.
  package func rawTasks() throws(WorkspaceError) -> URL {
    try base(rawDataBase, Self.rawDataVariable, "raw data").appending(path: "nnUNet_raw_data")
  }

  /// The folder with the cropped tasks.
  package func croppedTasks() throws(WorkspaceError) -> URL {
    try base(rawDataBase, Self.rawDataVariable, "raw data").appending(path: "nnUNet_cropped_data")
  }

  /// The folder with the preprocessed tasks.
  package func preprocessedTasks() throws(WorkspaceError) -> URL {
    try base(preprocessed, Self.preprocessedVariable, "preprocessed data")
  }

  /// The folder with trained models, ensembles and summaries.
  package func allResults() throws(WorkspaceError) -> URL {
    try base(results, Self.resultsVariable, "trained models").appending(path: "nnUNet")
  }

  /// The raw images and labels of a task and its dataset.json.
  package func rawTask(_ name: String) throws(WorkspaceError) -> URL {
    try rawTasks().appending(path: name)
  }

  /// The cropped cases of a task.
  package func croppedTask(_ name: String) throws(WorkspaceError) -> URL {
    try croppedTasks().appending(path: name)
  }

  /// The plans, splits and prepared cases of a task.
  package func preprocessedTask(_ name: String) throws(WorkspaceError) -> URL {
    try preprocessedTasks().appending(path: name)
  }

  /// The folder of a trained model, which contains one folder for each fold.
  ///
  /// - Parameters:
  ///   - configuration: The model's configuration.
  ///   - task: The task's full name, such as `Task004_Hippocampus`.
  ///   - trainer: The trainer's name, such as `nnUNetTrainerV2`.
  ///   - plans: The plans identifier, such as `nnUNetPlansv2.1`.
  /// - Returns: `nnUNet/CONFIGURATION/TASK/TRAINER__PLANS` in the results folder.
  /// - Throws: ``WorkspaceError/variableNotSet(variable:purpose:)`` if there is no results folder.
  package func modelFolder(
    configuration: Configuration, task: String, trainer: String, plans: String
  ) throws(WorkspaceError) -> URL {
    try allResults().appending(path: configuration.rawValue).appending(path: task)
      .appending(path: "\(trainer)__\(plans)")
  }

  /// The file with a task's plans.
  package func plansFile(
    task: String, plans: String, configuration: Configuration
  ) throws(WorkspaceError) -> URL {
    try preprocessedTask(task).appending(path: plans + configuration.plansSuffix)
  }

  private func base(
    _ folder: URL?, _ variable: String, _ purpose: String
  ) throws(WorkspaceError) -> URL {
    guard let folder else { throw .variableNotSet(variable: variable, purpose: purpose) }
    return folder
  }
}

// MARK: - Task names

extension Workspace {
  /// The full name of a task that is given by name (returned as it is) or by number.
  ///
  /// A number is looked up among the raw, cropped and preprocessed tasks and the trained models.
  /// Unlike nnU-Net v1, the id 100 does not match Task1000_Name.
  ///
  /// - Throws: ``WorkspaceError`` when no task or more than one has the id.
  package func taskName(for idOrName: String) throws(WorkspaceError) -> String {
    if idOrName.begins(with: "Task") { return idOrName }
    guard let id = Int(idOrName), id >= 0 else { throw .noTaskName(text: idOrName) }
    let folders = foldersWithTasks()
    let prefix = Self.taskPrefix(id: id)
    var names: Set<String> = []
    for folder in folders {
      let entries = (try? folderNames(in: folder)) ?? []
      names.formUnion(
        entries.filter { entry in
          entry.dropping(prefix: prefix).map { $0.unicodeScalars.first?.isASCIIDigit != true }
            ?? false
        })
    }
    guard let name = names.first else {
      throw .taskNotFound(id: id, lookedIn: folders.map(\.path), unset: unsetVariables)
    }
    guard names.count == 1 else {
      throw .severalTasks(id: id, names: names.sorted(), lookedIn: folders.map(\.path))
    }
    return name
  }

  /// The beginning of the names of tasks with this id: `Task004`.
  package static func taskPrefix(id: Int) -> String { "Task" + id.zeroPadded(to: 3) }

  private func foldersWithTasks() -> [URL] {
    let data = [try? preprocessedTasks(), try? rawTasks(), try? croppedTasks()]
    let models = Configuration.allCases.map { try? allResults().appending(path: $0.rawValue) }
    return (data + models).compactMap { $0 }
  }

  private var unsetVariables: [String] {
    [
      (rawDataBase, Self.rawDataVariable), (preprocessed, Self.preprocessedVariable),
      (results, Self.resultsVariable),
    ].filter { $0.0 == nil }.map(\.1)
  }
}
