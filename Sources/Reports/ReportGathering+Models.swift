import Evaluation
import Foundation
import HostSystem
import JSON
import ModelSelection
import Plans

/// The folder of a fold's validation.
private let validation = DefaultNames.validationFolder

extension ReportGathering {
  /// Adds the curves and the validation of a model.
  func add(model folder: URL, identity: ModelIdentity?, name: String, to report: inout Report) {
    let folds = Self.foldFolders(in: folder)
    let trainings = folds.map(FoldTraining.init(folder:)).filter { $0.epochCount > 0 }
    if !trainings.isEmpty {
      report.trainings.append(TrainingPart(name: name, folds: trainings))
    }
    let collected = folder.appending(path: FoldConsolidation.rawFolder)
    var set: EvaluatedSet?
    if Self.isEvaluated(collected) {
      set = evaluated(
        named: name, raw: collected, final: folder.appending(path: FoldConsolidation.finalFolder),
        decisionIn: folder, &report)
    } else {
      set = evaluatedFolds(folds, named: name, &report)
    }
    guard var set else { return }
    set.members = identity.map { [$0] } ?? []
    for fold in folds {
      let file = fold.appending(path: validation + "/summary.json")
      guard fileExists(file),
        let summary = read(&report, { try JSONFile.read(SegmentationSummary.self, from: file) })
      else { continue }
      for scores in summary.cases { set.folds[scores.caseName] = fold.lastPathComponent }
    }
    report.results.append(set)
  }

  /// The validation of folds that were not collected yet: of a single one with its postprocessing.
  private func evaluatedFolds(
    _ folds: [URL], named name: String, _ report: inout Report
  ) -> EvaluatedSet? {
    let validated = folds.filter { Self.isEvaluated($0.appending(path: validation)) }
    guard let first = validated.first else { return nil }
    guard validated.count > 1 else {
      return evaluated(
        named: name, raw: first.appending(path: validation),
        final: first.appending(path: validation + DefaultNames.postprocessedSuffix),
        decisionIn: first, &report)
    }
    let summaries = validated.compactMap { fold in
      read(&report) {
        try JSONFile.read(
          SegmentationSummary.self, from: fold.appending(path: validation + "/summary.json"))
      }
    }
    report.notes.append(
      "The folds of \(name) were not collected (nnUNet_find_best_configuration does that): no"
        + " postprocessing was determined from all of them.")
    return EvaluatedSet(
      name: name, summary: SegmentationSummary(cases: summaries.flatMap(\.cases)),
      folder: first.appending(path: validation))
  }

  private func evaluated(
    named name: String, raw: URL, final: URL, decisionIn folder: URL, _ report: inout Report
  ) -> EvaluatedSet? {
    func summary(_ folder: URL) -> SegmentationSummary? {
      read(&report) {
        try JSONFile.read(
          SegmentationSummary.self, from: folder.appending(path: "summary.json"))
      }
    }
    guard let found = summary(raw) else { return nil }
    var set = EvaluatedSet(name: name, summary: found, folder: raw)
    set.postprocessing = read(&report) { try Postprocessing(inFolder: folder) } ?? nil
    if Self.isEvaluated(final), let postprocessed = summary(final) {
      set.postprocessed = postprocessed
      set.postprocessedFolder = final
    }
    return set
  }

  /// Adds the averages of models that were evaluated.
  func addEnsembles(_ places: TaskPlaces, to report: inout Report) {
    guard let folder = places.ensembles else { return }
    for name in places.names(in: folder) {
      guard let pair = name.dropping(prefix: "ensemble_") else { continue }
      let ensemble = folder.appending(path: name)
      let raw = ensemble.appending(path: CrossValidationEnsemble.rawFolder)
      guard Self.isEvaluated(raw) else { continue }
      let members = pair.parts(at: "--", omittingEmpty: false)
        .compactMap { ModelIdentity(name: String($0)) }
      let title = "ensemble of " + members.map(\.configuration.rawValue).joined(separator: " and ")
      guard
        var set = evaluated(
          named: members.count > 1 ? title : name, raw: raw,
          final: ensemble.appending(path: CrossValidationEnsemble.finalFolder),
          decisionIn: ensemble, &report)
      else { continue }
      set.members = members
      set.folds = report.results.first { $0.members == [members.first] }?.folds ?? [:]
      report.results.append(set)
    }
  }

  /// Adds the ranking and the stored choice.
  func addSelection(_ places: TaskPlaces, to report: inout Report) {
    let candidates = report.results.map { set in
      ConfigurationRanking.Candidate(
        name: set.name, members: set.members, summary: set.summary, foldDice: foldDice(set))
    }
    guard !candidates.isEmpty else { return }
    let ranking = ConfigurationRanking(candidates: candidates)
    let best = ranking.best[0].name
    let rows = ranking.sorted.map { candidate in
      SelectionPart.Row(
        name: candidate.name, dice: candidate.dice, foldDeviation: candidate.foldDeviation,
        pValue: candidate.name == best ? nil : ranking.comparison(of: candidate).pValue,
        isBest: candidate.name == best)
    }
    var part = SelectionPart(rows: rows)
    part.choice =
      read(&report) { try ModelChoice(in: workspace, task: places.task) } ?? nil
    if let file = places.ensembles?.appending(path: "prediction_commands.txt"),
      let data = try? Data(contentsOf: file)
    {
      part.commands = String(decoding: data, as: UTF8.self)
    }
    report.selection = part
  }

  private func foldDice(_ set: EvaluatedSet) -> [Double] {
    Set(set.folds.values).sorted().map { fold in
      let cases = set.summary.cases.filter { set.folds[$0.caseName] == fold }
      return SegmentationSummary(cases: cases).meanForegroundDice
    }
  }
}

extension ModelIdentity {
  /// A model in the name of an ensemble: `CONFIGURATION__TRAINER__PLANS`.
  fileprivate init?(name: String) {
    let parts = name.parts(at: "__", omittingEmpty: false).map(String.init)
    guard parts.count == 3, let configuration = Configuration(rawValue: parts[0]) else {
      return nil
    }
    self.init(configuration: configuration, trainer: parts[1], plans: parts[2])
  }
}
