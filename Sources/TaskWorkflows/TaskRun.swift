import Evaluation
import Foundation
import HostSystem
import Inference
import JSON
package import ModelSelection
package import Plans
import Training

/// The remaining steps until a task's best models are known.
///
/// Only the files of each step are stored: after any interruption, the folders show how to
/// continue.
package struct TaskRun: Sendable {
  package var workspace: Workspace
  /// The full name of the task.
  package var task: String
  /// The networks to train; nil for all in the plans.
  package var configurations: [Configuration]?
  package var folds: [Int]
  package var trainer = DefaultNames.trainer
  package var cascadeTrainer = DefaultNames.cascadeTrainer
  /// The plans identifier.
  package var plans = DefaultNames.plans
  /// Whether averages of two models are candidates, which needs validations with probabilities.
  package var ensembles = true

  /// One thing to do.
  package enum Step: Hashable, Sendable {
    /// Plan the networks and prepare the cases.
    case prepare
    /// Train a fold, from its newest checkpoint if it has one.
    case train(Configuration, fold: Int, continues: Bool)
    /// Validate a fold whose training has ended.
    case validate(Configuration, fold: Int)
    /// Compare the models and choose.
    case select
  }

  package init(workspace: Workspace, task: String, folds: [Int]) {
    self.workspace = workspace
    self.task = task
    self.folds = folds
  }

  /// The steps that are missing, in their order; after ``Step/prepare``, the rest is not yet known.
  package func missingSteps() throws -> [Step] {
    guard try PreparationMark(task: task, plans: plans, in: workspace).isThere else {
      return [.prepare]
    }
    let trainings = try steps()
    let choice = try ModelChoice.file(in: workspace, task: task)
    guard trainings.isEmpty, fileExists(choice), try isCurrent(choice) else {
      return trainings + [.select]
    }
    return []
  }

  /// The steps of networks that are named before the cases are prepared.
  package func stepsAfterPreparation(of configurations: [Configuration]) throws -> [Step] {
    var run = self
    run.configurations = configurations
    return try run.steps() + [.select]
  }

  private func steps() throws -> [Step] {
    try chosenConfigurations().flatMap { configuration in
      try folds(of: configuration).compactMap { try step(of: configuration, fold: $0) }
    }
  }

  /// The validations that are missing although their folds are trained.
  package func missingValidations() throws -> [Step] {
    try chosenConfigurations().flatMap { configuration in
      try folds.compactMap { try step(of: configuration, fold: $0) }
    }.filter { step in
      if case .validate = step { return true }
      return false
    }
  }

  /// The networks to train, the first one of a cascade before its second.
  package func chosenConfigurations() throws -> [Configuration] {
    let order: [Configuration] = [.twoD, .lowResolution, .fullResolution, .cascade]
    guard let configurations else {
      return try order.filter { configuration in
        let file = try workspace.plansFile(task: task, plans: plans, configuration: configuration)
        guard fileExists(file) else { return false }
        let count = try JSONFile.read(ExperimentPlans.self, from: file).stageCount
        return configuration.stage(ofStages: count) != nil
      }
    }
    return order.filter(configurations.contains)
  }

  /// The identity of the model of a network.
  package func model(_ configuration: Configuration) -> ModelIdentity {
    ModelIdentity(
      configuration: configuration,
      trainer: configuration == .cascade ? cascadeTrainer : trainer, plans: plans)
  }
}

// MARK: - Missing parts of a fold

extension TaskRun {
  /// The folds to train of a network.
  ///
  /// A cascade learns from its first network's predictions of every case, so that network needs all
  /// folds.
  package func folds(of configuration: Configuration) throws -> [Int] {
    guard configuration == .lowResolution, try chosenConfigurations().contains(.cascade) else {
      return folds
    }
    let all = try splits().map { Array($0.indices) } ?? Array(0..<5)
    return folds + all.filter { !folds.contains($0) }
  }

  /// The splits; nil before the first training, which creates them.
  private func splits() throws -> [DataSplit]? {
    try TaskSplits(storedIn: workspace.preprocessedTask(task))?.splits.splits
  }

  func foldFolder(_ configuration: Configuration, _ fold: Int) throws -> FoldFolder {
    let folder = try model(configuration).folder(in: workspace, task: task)
    return FoldFolder(folder.appending(path: Fold.number(fold).folderName))
  }

  func step(of configuration: Configuration, fold: Int) throws -> Step? {
    let folder = try foldFolder(configuration, fold)
    guard folder.isTrained else {
      let continues = FoldFolder.Checkpoint.allCases.contains(where: folder.exists)
      return .train(configuration, fold: fold, continues: continues)
    }
    let isValidated =
      switch try validation(of: configuration, fold: fold) {
      case .complete: true
      // Probabilities are needed for averages with other models.
      case .withoutProbabilities: !ensembles || !folds.contains(fold)
      case .missing: false
      }
    let lacksNextStage = try configuration == .lowResolution && self.lacksNextStage(fold: fold)
    return isValidated && !lacksNextStage ? nil : .validate(configuration, fold: fold)
  }

  /// The progress of a fold's validation.
  enum Validation {
    case missing, withoutProbabilities, complete
  }

  /// Checks the cases that the validation lists; those of another split do not count.
  func validation(of configuration: Configuration, fold: Int) throws -> Validation {
    let folder = try foldFolder(configuration, fold)
      .validationFolder(named: DefaultNames.validationFolder)
    guard let found = try ValidatedFold(in: folder), found.missingCases.isEmpty else {
      return .missing
    }
    if let splits = try splits(), splits.indices.contains(fold),
      Set(splits[fold].validation) != Set(found.cases)
    {
      return .missing
    }
    return found.hasProbabilities ? .complete : .withoutProbabilities
  }

  /// Whether the second network of the cascade lacks the first one's predictions of a fold.
  private func lacksNextStage(fold: Int) throws -> Bool {
    guard let splits = try splits(), splits.indices.contains(fold) else { return false }
    let store = NextStageStore(
      model: try model(.lowResolution).folder(in: workspace, task: task))
    return splits[fold].validation.contains { !fileExists(store.file($0)) }
  }

  /// Whether a choice was made among these networks and folds, after the last of them was validated.
  private func isCurrent(_ choice: URL) throws -> Bool {
    guard let made = try ModelChoice(in: workspace, task: task), Set(made.folds) == Set(folds),
      Set(made.candidates ?? []) == Set(try chosenConfigurations().map(model))
    else { return false }
    let chosen = modificationDate(choice)
    return try chosenConfigurations().allSatisfy { configuration in
      try folds.allSatisfy { fold in
        let summary = try foldFolder(configuration, fold)
          .validationFolder(named: DefaultNames.validationFolder).appending(path: "summary.json")
        return modificationDate(summary) <= chosen
      }
    }
  }
}

func modificationDate(_ url: URL) -> Date {
  let values = try? FileManager.default.attributesOfItem(atPath: url.path)
  return values?[.modificationDate] as? Date ?? .distantFuture
}
