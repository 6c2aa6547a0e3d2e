import Evaluation
import Foundation
package import HostSystem
import Inference
package import ModelSelection
package import Plans
package import TrainedModels

/// A prediction with the models that were selected for a task.
package struct SelectedPrediction {
  package var choice: ModelChoice
  package var workspace: Workspace
  /// The full name of the task.
  package var task: String
  /// The number of cases to average at once.
  package var threads: Int
  /// Whether a postprocessing that was determined with other folds is applied anyway, with a
  /// warning.
  package var acceptsDifferences = false

  package init(choice: ModelChoice, workspace: Workspace, task: String, threads: Int) {
    self.choice = choice
    self.workspace = workspace
    self.task = task
    self.threads = threads
  }

  /// Predicts with the selected model, or with each model of an ensemble, and averages their
  /// probabilities.
  ///
  /// - Parameters:
  ///   - prediction: The user's prediction with a named model.
  ///   - reporter: Receives what is done and which cases fail.
  ///   - predict: Predicts with a single model.
  /// - Throws: `TrainedModelError` or `ModelSelectionError` for a postprocessing that is missing or
  ///   was determined with other folds, `EvaluationError.casesFailed(_:)` for cases that cannot be
  ///   averaged, and what the two functions throw.
  package func run(
    prediction: (ModelIdentity) throws -> FolderPrediction,
    reporter: any Reporter, predict: (FolderPrediction) throws -> Void
  ) throws {
    try choice.checkPostprocessing(
      in: workspace, task: task, acceptsDifferences: acceptsDifferences, reporter: reporter)
    reporter.note(
      "predicting with the selected model, \(ModelIdentity.shortName(of: choice.members))"
        + "; -m chooses another model")
    func asked(_ member: ModelIdentity) throws -> FolderPrediction {
      var prediction = try prediction(member)
      if prediction.folds == .allTrained { prediction.folds = .numbers(choice.folds) }
      return prediction
    }
    let first = try asked(choice.members[0])
    guard choice.members.count > 1 else { return try predict(first) }
    try average(as: first, reporter: reporter) { member, folder, skipped, failed in
      var request = try asked(member)
      request.output = folder
      request.options.savesProbabilities = true
      request.skipped = skipped
      request.failedBefore = failed
      try predict(request)
    }
  }

  /// Predicts with each model of an ensemble and averages their probabilities.
  ///
  /// The predictions of the models are kept next to the result until it is complete, so that an
  /// interrupted prediction can continue.
  ///
  /// - Parameters:
  ///   - asked: The prediction with the first model, as the user requested it.
  ///   - reporter: Receives the progress of the averaging.
  ///   - predict: Predicts with a model into a folder with probabilities, skipping cases that
  ///     are done or have failed with another.
  /// - Throws: The error of the failed cases after all others are done, and any other error
  ///   immediately.
  private func average(
    as asked: FolderPrediction, reporter: any Reporter,
    predict: (ModelIdentity, URL, Set<String>, [CaseFailure]) throws -> Void
  ) throws {
    let output = asked.output
    let part = asked.partCount > 1 ? "_part\(asked.part)" : ""
    let temporary = output.appending(path: "ensemble_members" + part)
    sweepLeftovers(in: output, reporter: reporter)
    let cases = try asked.cases().cases.map(\.identifier)
    let done = Set(asked.overwrites ? [] : cases.filter(asked.isPredicted))
    var (failure, failed): (InferenceError?, [CaseFailure]) = (nil, [])
    let folders = try choice.members.map { member in
      let folder = temporary.appending(path: member.name)
      do { try predict(member, folder, done, failed) } catch let error as InferenceError {
        guard case .casesFailed(let problems, of: _) = error else { throw error }
        (failure, failed) = (error, problems)
      }
      return folder
    }
    var ensemble = ProbabilityEnsemble(folders: folders, threads: threads)
    ensemble.savesProbabilities = asked.options.savesProbabilities
    let pending = Set(cases).subtracting(done).intersection(ensemble.commonCases()).sorted()
    let file = try choice.ensemblePostprocessing(in: workspace, task: task)
    try ensemble.average(
      pending, into: output, postprocessing: file.map(Postprocessing.read), reporter: reporter)
    if let file {
      try AtomicFile.write(
        Data(contentsOf: file), to: output.appending(path: Postprocessing.fileName))
    }
    try asked.model.writePlans(to: output)
    try FileManager.default.removeItem(at: temporary)
    if let failure { throw failure }
  }
}
