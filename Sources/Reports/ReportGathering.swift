import Evaluation
package import Foundation
package import HostSystem
import JSON
import ModelSelection
import Planning
package import Plans

/// Gathers the content of the folders of a task, a model or an evaluation.
///
/// Missing parts are omitted, and the report's notes name what cannot be read: a report about an
/// unfinished task is as useful as one about a finished task.
package struct ReportGathering: Sendable {
  package var workspace: Workspace
  package var limits = PictureLimits()
  /// The folder with the cases' images; nil to search for it.
  package var images: URL?
  /// The plans to show; nil for all that the models use.
  package var plans: String?
  package var threads: Int
  package var reporter: any Reporter

  package init(
    workspace: Workspace, threads: Int, reporter: any Reporter
  ) {
    self.workspace = workspace
    self.threads = threads
    self.reporter = reporter
  }

  /// Gathers the report of a task: its plans, all its models, ensembles and the choice among them.
  ///
  /// - Parameter task: The full name.
  /// - Returns: The report, which names what could not be read.
  /// - Throws: ``ReportError/emptyTask(_:lookedIn:)`` if there is neither a plan nor a training.
  package func report(ofTask task: String) throws -> Report {
    var report = Report(title: task, kind: "task")
    let places = TaskPlaces(task: task, workspace: workspace)
    let models = places.models
    addDataset(places, to: &report)
    addPlans(places, models: models, to: &report)
    for model in models {
      add(model: model.folder, identity: model.identity, name: places.name(of: model), to: &report)
    }
    addEnsembles(places, to: &report)
    addSelection(places, to: &report)
    guard report.fingerprint != nil || !report.plans.isEmpty || !report.trainings.isEmpty else {
      throw ReportError.emptyTask(task, lookedIn: places.folders.map(\.path))
    }
    try addPictures(places, to: &report)
    return report
  }

  /// The report of one model.
  ///
  /// - Throws: ``ReportError``.
  package func report(ofModel folder: URL) throws -> Report {
    let task = folder.deletingLastPathComponent().lastPathComponent
    let configuration = folder.deletingLastPathComponent().deletingLastPathComponent()
      .lastPathComponent
    let identity = ModelIdentity(folder: folder)
    let name = identity?.configuration.rawValue ?? configuration
    var report = Report(title: "\(task), \(name)", kind: "model")
    report.facts.append(.init("model", folder.path))
    let places = TaskPlaces(task: task, workspace: workspace)
    addDataset(places, to: &report)
    addPlans(inModel: folder, places, to: &report)
    add(model: folder, identity: identity, name: name, to: &report)
    try addPictures(places, to: &report)
    return report
  }

  /// The report of a folder with predictions and their `summary.json`.
  package func report(ofFolder folder: URL) throws -> Report {
    var report = Report(title: folder.lastPathComponent, kind: "evaluated folder")
    report.facts.append(.init("folder", folder.path))
    let summary = try JSONFile.read(
      SegmentationSummary.self, from: folder.appending(path: "summary.json"))
    var set = EvaluatedSet(name: folder.lastPathComponent, summary: summary, folder: folder)
    set.postprocessing = read(&report) { try Postprocessing(inFolder: folder) } ?? nil
    report.results = [set]
    if let first = summary.cases.first {
      let references = URL(fileURLWithPath: first.reference).deletingLastPathComponent()
      let description = references.deletingLastPathComponent().appending(path: "dataset.json")
      if fileExists(description) {
        report.labelNames =
          read(&report) { try DatasetDescription.read(from: description) }?.labels ?? [:]
      }
      report.facts.append(.init("references", references.path))
    }
    report.facts.append(.init("evaluated", summary.timestamp))
    try addPictures(nil, to: &report)
    return report
  }

  /// Whether a folder contains the folds of a model.
  package static func isModel(_ folder: URL) -> Bool { !foldFolders(in: folder).isEmpty }

  /// Whether a folder was evaluated.
  package static func isEvaluated(_ folder: URL) -> Bool {
    fileExists(folder.appending(path: "summary.json"))
  }

  static func foldFolders(in folder: URL) -> [URL] {
    let names = (try? folderNames(in: folder)) ?? []
    return names.filter { Fold(folderName: $0) != nil }
      .sorted { ($0.count, $0) < ($1.count, $1) }.map { folder.appending(path: $0) }
  }

  /// The value that `body` reads; an error becomes a note of the report.
  func read<Value>(_ report: inout Report, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch {
      let reason = explanation(of: error)
      report.notes.append(reason)
      reporter.warn("not in the report: \(reason)")
      return nil
    }
  }
}

// MARK: - Data set and plans

extension ReportGathering {
  private func addDataset(_ places: TaskPlaces, to report: inout Report) {
    if let file = try? workspace.preprocessedTask(places.task).appending(path: DataSplits.fileName),
      let splits = try? JSONFile.read([DataSplit].self, from: file), !splits.isEmpty
    {
      report.foldCount = splits.count
    }
    guard let file = places.descriptionFile,
      let description = read(&report, { try DatasetDescription.read(from: file) })
    else { return }
    report.labelNames = description.labels
    let channels = description.channelNames.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }
    let labels = description.labels.sorted { $0.key < $1.key }.filter { $0.key > 0 }
      .map { "\($0.key) \($0.value)" }
    report.facts += [
      .init("name", description.name), .init("description", description.description),
      .init("training cases", "\(description.training.count)"),
      .init("channels", channels.joined(separator: ", ")),
      .init("labels", labels.joined(separator: ", ")), .init("licence", description.licence),
    ].filter { !$0.value.isEmpty }
  }

  private func addPlans(
    _ places: TaskPlaces, models: [TaskPlaces.Model], to report: inout Report
  ) {
    let used = Set(models.map(\.identity.plans))
    let chosen = plans.map { [$0] } ?? (used.isEmpty ? [DefaultNames.plans] : used.sorted())
    for name in chosen {
      let files = places.plansFiles(named: name)
      if !files.isEmpty { add(plans: files, named: name, places, to: &report) }
    }
    // An installed model includes its plans.
    if report.plans.isEmpty, let model = models.first {
      addPlans(inModel: model.folder, places, to: &report)
    }
  }

  private func addPlans(
    inModel folder: URL, _ places: TaskPlaces, to report: inout Report
  ) {
    let file = folder.appending(path: "plans.json")
    guard fileExists(file) else {
      report.notes.append("\(file.path) is missing: no plans and no fingerprint.")
      return
    }
    add(
      plans: [file], named: ModelIdentity(folder: folder)?.plans ?? "plans", places, to: &report)
  }

  private func add(
    plans files: [URL], named name: String, _ places: TaskPlaces, to report: inout Report
  ) {
    let all = files.compactMap { file in
      read(&report) { try ExperimentPlans.read(from: file, reporter: reporter) }
    }
    guard let last = all.last else { return }
    let table = PlansTable(all)
    report.plans.append(PlansPart(name: name, rows: table.rows, reasons: table.reasonGroups))
    if report.fingerprint == nil {
      report.fingerprint = FingerprintPart(
        last.fingerprint, rawTask: places.rawTask, threads: threads)
    }
  }
}
