package import Foundation
import HostSystem
import JSON
package import Plans
import Training

// MARK: - Progress of the steps

extension TaskRun {
  /// The progress of a step.
  package enum Progress: Hashable, Sendable {
    case done
    /// A training is running in the fold's folder.
    case running
    /// There is a checkpoint, but no training is running.
    case stopped
    /// The training has ended, but the validation is missing.
    case trained
    /// There is a validation, but without probabilities, which averages of models need.
    case validatedWithoutProbabilities
    case missing
  }

  /// Whether the cases are prepared.
  package func progressOfPreparation() throws -> Progress {
    try PreparationMark(task: task, plans: plans, in: workspace).isThere ? .done : .missing
  }

  /// Whether the models are chosen.
  package func progressOfSelection() throws -> Progress {
    try missingSteps().isEmpty ? .done : .missing
  }

  /// The progress of a fold's training and validation.
  package func progress(of configuration: Configuration, fold: Int) throws -> Progress {
    let folder = try foldFolder(configuration, fold)
    if fileExists(folder.url), try FolderLock(ifFree: folder.url, reporter: SilentReporter()) == nil
    {
      return .running
    }
    switch try step(of: configuration, fold: fold) {
    case nil: return .done
    case .validate:
      let isValidated = try validation(of: configuration, fold: fold) == .withoutProbabilities
      return isValidated ? .validatedWithoutProbabilities : .trained
    case .train(_, _, continues: true): return .stopped
    default: return .missing
    }
  }

  /// The log of the newest training of a fold.
  package func newestLog(of configuration: Configuration, fold: Int) throws -> URL? {
    let folder = try foldFolder(configuration, fold).url
    let names = (try? fileNames(in: folder)) ?? []
    return names.filter { $0.begins(with: "training_log") }.map { folder.appending(path: $0) }
      .max { modificationDate($0) < modificationDate($1) }
  }

  /// The plans and the stage that a network is trained with; nil if there are none.
  package func plannedStage(
    of configuration: Configuration
  ) throws -> (plans: ExperimentPlans, stage: StagePlan)? {
    let file = try workspace.plansFile(task: task, plans: plans, configuration: configuration)
    guard fileExists(file) else { return nil }
    let plans = try JSONFile.read(ExperimentPlans.self, from: file)
    return configuration.stage(ofStages: plans.stageCount).flatMap { plans.stages[$0] }
      .map { (plans, $0) }
  }
}
