import Evaluation
public import Foundation
public import HostSystem
public import Plans

/// Ranks the models of a task by their cross-validation.
///
/// Follows nnU-Net v1 (`nnUNet_find_best_configuration --disable_ensembling`): the score is the mean
/// foreground Dice of the predictions before postprocessing.
public struct BestConfigurationSearch: Sendable {
  public var workspace: Workspace
  /// The full name of the task.
  public var task: String
  public var models: [ModelIdentity]
  public var folds: [Int]
  /// Whether each model's postprocessing is determined.
  public var postprocesses = true
  public var threads: Int

  public init(
    workspace: Workspace, task: String, models: [ModelIdentity], folds: [Int], threads: Int
  ) {
    self.workspace = workspace
    self.task = task
    self.models = models
    self.folds = folds
    self.threads = threads
  }

  /// Evaluates all models and writes summary.csv and prediction_commands.txt.
  ///
  /// - Throws: ``ModelSelectionError`` naming models, folds or cases that are missing.
  public func run(
    reporter: any HostSystem.ProgressReporting = SilentReporter()
  ) throws -> ConfigurationRanking {
    precondition(!models.isEmpty && !folds.isEmpty)
    for model in models {
      let folder = try model.folder(in: workspace, task: task)
      guard exists(folder) else { throw ModelSelectionError.noModel(folder: folder.path) }
    }
    let ranking = ConfigurationRanking(
      candidates: try models.map { try evaluate($0, reporter: reporter) })
    let folder = try summaryFolder
    try makeFolder(at: folder)
    try AtomicFile.write(Data(ranking.csv.utf8), to: folder.appending(path: "summary.csv"))
    try AtomicFile.write(
      Data(predictionCommands(for: ranking).utf8),
      to: folder.appending(path: "prediction_commands.txt"))
    return ranking
  }

  /// What the best models are used with, ready to be typed.
  public func predictionCommands(for ranking: ConfigurationRanking) -> String {
    let isUsual = Set(folds) == Set(0..<5)
    let chosen = isUsual ? "" : " -f \(folds.map(String.init).joined(separator: " "))"
    return ranking.best.map { candidate in
      let model = candidate.model
      let option = model.configuration == .cascade ? "-ctr" : "-tr"
      return "nnUNet_predict -i FOLDER_WITH_TEST_CASES -o OUTPUT_FOLDER_MODEL1 "
        + "\(option) \(model.trainer) -m \(model.configuration.rawValue) -p \(model.plans) "
        + "-t \(task)\(chosen)\n"
    }.joined()
  }

  /// Where the conclusions about a task's models are written.
  public var summaryFolder: URL {
    get throws { try workspace.allResults().appending(path: "ensembles").appending(path: task) }
  }

  private func evaluate(
    _ model: ModelIdentity, reporter: any HostSystem.ProgressReporting
  ) throws -> ConfigurationRanking.Candidate {
    reporter.note("\(model.configuration.rawValue): collecting the validation of all folds")
    let consolidation = try FoldConsolidation(
      model, of: task, in: workspace, folds: folds, threads: threads)
    let summary = try consolidation.run(
      determinesPostprocessing: postprocesses, reporter: reporter)
    let foldDice = folds.map { fold in
      let files = Set(segmentationNames(in: consolidation.validationFolder(of: fold)))
      let cases = summary.cases.filter { scores in
        files.contains(URL(fileURLWithPath: scores.prediction).lastPathComponent)
      }
      return SegmentationSummary(cases: cases).meanForegroundDice
    }
    return .init(model: model, summary: summary, foldDice: foldDice)
  }
}
