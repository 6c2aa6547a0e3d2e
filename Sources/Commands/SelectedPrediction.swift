import Evaluation
import Foundation
import HostSystem
import Inference
import ModelSelection
import Plans

/// A prediction with the models that were selected for a task.
struct SelectedPrediction {
  var choice: ModelChoice
  var workspace: Workspace
  /// The full name of the task.
  var task: String
  var threads: Int

  /// Predicts with each model of an ensemble and averages their probabilities.
  ///
  /// What the models predict lies beside the result until that is whole, so that an interrupted
  /// prediction goes on.
  ///
  /// - Parameters:
  ///   - asked: The prediction with the first model, as the user asked for it.
  ///   - predict: Predicts with a model into a folder with probabilities, leaving out cases
  ///     that are done or have failed with another.
  func average(
    as asked: FolderPrediction, reporter: ConsoleReporter,
    predict: (ModelIdentity, URL, Set<String>, [CaseProblem]) throws -> Void
  ) throws {
    let output = asked.output
    let part = asked.partCount > 1 ? "_part\(asked.part)" : ""
    let temporary = output.appending(path: "ensemble_members" + part)
    sweepLeftovers(in: output, reporter: reporter)
    let cases = try asked.cases().cases.map(\.identifier)
    let done = Set(asked.overwrites ? [] : cases.filter(asked.isPredicted))
    var (failure, failed): (InferenceError?, [CaseProblem]) = (nil, [])
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
