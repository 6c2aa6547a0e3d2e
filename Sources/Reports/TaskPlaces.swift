import Foundation
import HostSystem
import ModelSelection
import Plans

/// The places of a task's files, as far as they exist.
struct TaskPlaces: Sendable {
  /// A model's folder and the parts of its name.
  struct Model: Hashable, Sendable {
    var folder: URL
    var identity: ModelIdentity
  }

  let task: String
  let workspace: Workspace

  /// The searched folders.
  var folders: [URL] {
    [
      try? workspace.preprocessedTask(task), try? workspace.rawTask(task),
      try? workspace.allResults(),
    ].compactMap { $0 }
  }

  /// All models of the task, in the order of the configurations.
  var models: [Model] {
    guard let results = try? workspace.allResults() else { return [] }
    return Configuration.allCases.flatMap { configuration in
      let folder = results.appending(path: configuration.rawValue).appending(path: task)
      return names(in: folder).compactMap { name in
        let model = folder.appending(path: name)
        return ModelIdentity(folder: model).map { Model(folder: model, identity: $0) }
      }
    }.filter { ReportGathering.isModel($0.folder) }
  }

  /// The configuration, with the trainer and the plans if several models have it.
  func name(of model: Model) -> String {
    let alike = models.filter { $0.identity.configuration == model.identity.configuration }
    let configuration = model.identity.configuration.rawValue
    guard alike.count > 1 else { return configuration }
    return "\(configuration), \(model.identity.trainer), \(model.identity.plans)"
  }

  /// The task's dataset.json.
  var descriptionFile: URL? {
    [try? workspace.preprocessedTask(task), try? workspace.rawTask(task)].compactMap {
      $0?.appending(path: "dataset.json")
    }.first(where: fileExists)
  }

  /// The raw task, if its images exist.
  var rawTask: (folder: URL, description: DatasetDescription)? {
    guard let folder = try? workspace.rawTask(task),
      fileExists(folder.appending(path: "imagesTr")), let file = descriptionFile,
      let description = try? DatasetDescription.read(from: file)
    else { return nil }
    return (folder, description)
  }

  /// The 2D and the 3D plans with a name.
  func plansFiles(named plans: String) -> [URL] {
    [Configuration.twoD, .fullResolution].compactMap {
      try? workspace.plansFile(task: task, plans: plans, configuration: $0)
    }.filter(fileExists)
  }

  /// The folder with the results about the models and their ensembles.
  var ensembles: URL? {
    (try? workspace.allResults())?.appending(path: "ensembles").appending(path: task)
  }

  /// The folders in which a case's labels may be.
  var referenceFolders: [URL] {
    [
      (try? workspace.preprocessedTask(task))?.appending(path: "gt_segmentations"),
      (try? workspace.rawTask(task))?.appending(path: "labelsTr"),
    ].compactMap { $0 }
  }

  func names(in folder: URL) -> [String] {
    (try? visibleNames(in: folder)) ?? []
  }
}

extension ModelIdentity {
  /// The parts of a folder name `CONFIGURATION/TASK/TRAINER__PLANS`; nil for other names.
  init?(folder: URL) {
    let parts = folder.pathComponents.suffix(3)
    guard parts.count == 3, let first = parts.first,
      let configuration = Configuration(rawValue: first)
    else { return nil }
    let names = folder.lastPathComponent.parts(at: "__", omittingEmpty: false).map(String.init)
    guard names.count == 2 else { return nil }
    self.init(configuration: configuration, trainer: names[0], plans: names[1])
  }
}
