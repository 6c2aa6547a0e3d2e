import Evaluation
package import Foundation
package import HostSystem
import JSON
package import Plans
import TrainedModels

/// Ranks the models of a task, and the averages of two of them, by their cross-validation.
///
/// Follows nnU-Net v1 (`nnUNet_find_best_configuration`): the score is the mean foreground Dice of
/// the predictions before postprocessing.
package struct BestConfigurationSearch: Sendable {
  package var workspace: Workspace
  /// The full name of the task.
  package var task: String
  package var models: [ModelIdentity]
  package var folds: [Int]
  /// Whether pairs of models are averaged, which needs the probabilities of their validations.
  package var ensembles = true
  /// Whether postprocessing is determined, for models and ensembles.
  package var postprocesses = true
  /// Whether folds that were made from other plans or splits are compared anyway.
  package var acceptsDifferences = false
  package var threads: Int

  package init(
    workspace: Workspace, task: String, models: [ModelIdentity], folds: [Int], threads: Int
  ) {
    self.workspace = workspace
    self.task = task
    self.models = models
    self.folds = folds
    self.threads = threads
  }

  /// Evaluates all candidates and writes the results: for each its postprocessing and collected
  /// predictions, for all summary.csv, prediction_commands.txt and selection.json.
  ///
  /// All files get their places together, at the end: a run that fails or is killed changes
  /// nothing.
  package func run(
    reporter: any Reporter = SilentReporter()
  ) throws -> ConfigurationRanking {
    precondition(!models.isEmpty && !folds.isEmpty)
    for model in models {
      let folder = try model.folder(in: workspace, task: task)
      guard fileExists(folder) else { throw ModelSelectionError.noModel(folder: folder.path) }
    }
    // A fold that is not trained has no probabilities either, but the missing training is the
    // problem.
    try requireValidations()
    let results = try workspace.allResults()
    sweepLeftovers(in: results, reporter: reporter)
    let change = try StagedChange(in: results, for: "selection")
    let pairs = ensembles ? modelPairs : []
    // Before the work, so that a missing file is not noticed only after hours.
    for pair in pairs { try ensembleCases(of: pair, in: change.folder).requireProbabilities() }
    var candidates = try models.map { try evaluate($0, in: change.folder, reporter: reporter) }
    for pair in pairs {
      candidates.append(try evaluate(pair, in: change.folder, reporter: reporter))
    }
    let ranking = ConfigurationRanking(candidates: candidates)
    let folder = change.folder.appending(path: Self.summaryPath(ofTask: task))
    try makeFolder(at: folder)
    try AtomicFile.write(Data(ranking.csv.utf8), to: folder.appending(path: "summary.csv"))
    try AtomicFile.write(
      Data(try predictionCommands(for: ranking).utf8),
      to: folder.appending(path: "prediction_commands.txt"))
    try JSONFile.write(choice(from: ranking), to: folder.appending(path: ModelChoice.fileName))
    try commit(change, pairs: pairs)
    return ranking
  }

  /// Puts everything into place, first the files that others depend on.
  private func commit(_ change: StagedChange, pairs: [[ModelIdentity]]) throws {
    let names = FoldConsolidation.names(determinesPostprocessing: postprocesses)
    let paths = models.map { $0.path(ofTask: task) }
    var written = paths.flatMap { path in names.written.map { "\(path)/\($0)" } }
    var removed = paths.flatMap { path in names.removed.map { "\(path)/\($0)" } }
    let summaries = Self.summaryPath(ofTask: task)
    for pair in pairs {
      let name = Self.ensembleName(pair)
      let conclusions = [CrossValidationEnsemble.finalFolder, Postprocessing.fileName]
        .map { "\(summaries)/\(name)/\($0)" }
      written.append("\(summaries)/\(name)/\(CrossValidationEnsemble.rawFolder)")
      if postprocesses {
        written += conclusions + ["summary_jsons/\(task)__\(name).json"]
      } else {
        removed += conclusions
      }
    }
    written += ["summary.csv", "prediction_commands.txt", ModelChoice.fileName]
      .map { "\(summaries)/\($0)" }
    try change.commit(written, removing: removed)
  }

  /// The commands that use the best candidates, ready to be typed.
  package func predictionCommands(for ranking: ConfigurationRanking) throws -> String {
    let folds =
      Set(folds) == Set(0..<5) ? "" : " -f \(folds.map(String.init).joined(separator: " "))"
    func predict(_ model: ModelIdentity, to output: String) -> String {
      let option = model.configuration == .cascade ? "-ctr" : "-tr"
      return "nnUNet_predict -i FOLDER_WITH_TEST_CASES -o \(output) \(option) \(model.trainer)"
        + " -m \(model.configuration.rawValue) -p \(model.plans) -t \(task)\(folds)"
    }
    var lines: [String] = []
    for candidate in ranking.best {
      for (index, model) in candidate.members.enumerated() {
        lines.append(
          predict(model, to: "OUTPUT_FOLDER_MODEL\(index + 1)")
            + (candidate.members.count > 1 ? " -z" : ""))
      }
      guard candidate.members.count > 1 else { continue }
      let outputs = candidate.members.indices.map { "OUTPUT_FOLDER_MODEL\($0 + 1)" }
      let file = try ensembleFolder(in: workspace, task: task).appending(path: candidate.name)
        .appending(path: Postprocessing.fileName)
      lines.append(
        "nnUNet_ensemble -f \(outputs.joined(separator: " ")) -o OUTPUT_FOLDER"
          + (postprocesses ? " -pp \(file.path)" : ""))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The folder for the results about a task's models.
  package var summaryFolder: URL { get throws { try ensembleFolder(in: workspace, task: task) } }

  /// Throws unless all folds of all models are validated, naming those that are not trained.
  private func requireValidations() throws {
    var (untrained, unvalidated): ([String], [String]) = ([], [])
    for model in models {
      do {
        _ = try ValidatedFolds(
          of: model.folder(in: workspace, task: task), folds, in: DefaultNames.validationFolder)
      } catch ModelSelectionError.foldsIncomplete(let first, let second) {
        untrained += first
        unvalidated += second
      }
    }
    guard untrained.isEmpty, unvalidated.isEmpty else {
      throw ModelSelectionError.foldsIncomplete(untrained: untrained, unvalidated: unvalidated)
    }
  }

  // MARK: - Candidates

  private var modelPairs: [[ModelIdentity]] {
    models.indices.flatMap { first in
      models.indices.filter { $0 > first }.map { [models[first], models[$0]] }
    }
  }

  private func evaluate(
    _ model: ModelIdentity, in staged: URL, reporter: any Reporter
  ) throws -> ConfigurationRanking.Candidate {
    reporter.note("\(model.configuration.rawValue): collecting the validation of all folds")
    var consolidation = try FoldConsolidation(
      model, of: task, in: workspace, folds: folds, threads: threads)
    consolidation.acceptsDifferences = acceptsDifferences
    let summary = try consolidation.write(
      to: staged.appending(path: model.path(ofTask: task)),
      determinesPostprocessing: postprocesses, reporter: reporter)
    return try candidate(
      named: model.configuration.rawValue, members: [model], summary: summary)
  }

  private func evaluate(
    _ pair: [ModelIdentity], in staged: URL, reporter: any Reporter
  ) throws -> ConfigurationRanking.Candidate {
    let cases = try ensembleCases(of: pair, in: staged)
    reporter.note("\(ModelIdentity.shortName(of: pair)): averaging")
    let references = try workspace.preprocessedTask(task).appending(path: "gt_segmentations")
    var summary = try cases.averageAndEvaluate(
      references: references, task: task, threads: threads, reporter: reporter)
    let raw = cases.folder.appending(path: CrossValidationEnsemble.rawFolder)
    summary.addForegroundMean()
    try JSONFile.write(summary, to: raw.appending(path: "summary.json"))
    if postprocesses {
      try determinePostprocessing(
        of: cases, members: pair, references: references, in: staged, reporter: reporter)
    }
    return try candidate(named: cases.name, members: pair, summary: summary)
  }

  private func determinePostprocessing(
    of cases: CrossValidationEnsemble, members: [ModelIdentity], references: URL, in staged: URL,
    reporter: any Reporter
  ) throws {
    var search = PostprocessingSearch(
      base: cases.folder, references: references, rawFolder: CrossValidationEnsemble.rawFolder,
      finalFolder: CrossValidationEnsemble.finalFolder, threads: threads)
    search.publishedBase = cases.publishedFolder
    for (member, model) in zip(members, cases.models) {
      for fold in folds {
        search.foldMarks["\(member.name)/fold_\(fold)"] = try FoldMark.read(ofFold: fold, in: model)
      }
    }
    try search.run(reporter: reporter)
    let file = cases.folder.appending(path: CrossValidationEnsemble.finalFolder)
      .appending(path: "summary.json")
    var summary = try JSONFile.read(SegmentationSummary.self, from: file)
    summary.experimentName = cases.name
    try JSONFile.write(summary, to: file)
    let summaries = staged.appending(path: "summary_jsons")
    try makeFolder(at: summaries)
    try JSONFile.write(summary, to: summaries.appending(path: "\(task)__\(cases.name).json"))
  }

  private func ensembleCases(
    of pair: [ModelIdentity], in staged: URL
  ) throws -> CrossValidationEnsemble {
    let name = Self.ensembleName(pair)
    return CrossValidationEnsemble(
      name: name, models: try pair.map { try $0.folder(in: workspace, task: task) },
      folder: staged.appending(path: "\(Self.summaryPath(ofTask: task))/\(name)"),
      publishedFolder: try summaryFolder.appending(path: name), folds: folds)
  }

  private static func ensembleName(_ pair: [ModelIdentity]) -> String {
    "ensemble_" + pair.map(\.name).joined(separator: "--")
  }

  /// The path of the results about a task's models in `RESULTS_FOLDER/nnUNet`.
  private static func summaryPath(ofTask task: String) -> String { "ensembles/\(task)" }

  private func candidate(
    named name: String, members: [ModelIdentity], summary: SegmentationSummary
  ) throws -> ConfigurationRanking.Candidate {
    // All members have validated the same cases.
    let validations = try ValidatedFolds(
      of: members[0].folder(in: workspace, task: task), folds, in: DefaultNames.validationFolder)
    let foldDice = validations.folds.map { fold in
      let names = Set(fold.validation.cases)
      let cases = summary.cases.filter { scores in
        names.contains(caseName(URL(fileURLWithPath: scores.prediction).lastPathComponent))
      }
      return SegmentationSummary(cases: cases).meanForegroundDice
    }
    return .init(name: name, members: members, summary: summary, foldDice: foldDice)
  }

  private func choice(from ranking: ConfigurationRanking) -> ModelChoice {
    let best = ranking.best[0]
    return ModelChoice(
      members: best.members, folds: folds, dice: best.dice,
      ensemble: best.members.count > 1 ? best.name : nil, postprocesses: postprocesses,
      candidates: models)
  }
}
