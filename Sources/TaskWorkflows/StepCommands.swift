import ModelSelection
import Plans

/// The commands that do the steps of a task's run.
package struct StepCommands {
  package var run: TaskRun
  /// Additional arguments of `nnUNet_train`.
  package var trainingOptions: [String] = []
  /// Whether folds that were made from other plans or splits are continued.
  package var acceptsDifferences = false

  package init(
    run: TaskRun, trainingOptions: [String] = [], acceptsDifferences: Bool = false
  ) {
    self.run = run
    self.trainingOptions = trainingOptions
    self.acceptsDifferences = acceptsDifferences
  }

  /// The step in words.
  package func title(of step: TaskRun.Step) -> String {
    switch step {
    case .prepare: "plan and preprocess"
    case .train(let network, let fold, let continues):
      "\(continues ? "continue training" : "train") \(network.rawValue), fold \(fold)"
    case .validate(let network, let fold): "validate \(network.rawValue), fold \(fold)"
    case .select: "choose the best models"
    }
  }

  /// The step as a user would type it.
  package func command(for step: TaskRun.Step) throws -> [String] {
    switch step {
    case .prepare:
      return ["nnUNet_plan_and_preprocess", "-t", run.task, "--verify_dataset_integrity"]
    case .train(let network, let fold, _):
      // Whether there is a checkpoint to continue from is decided when the fold's folder is locked:
      // a training of another run may still be writing one.
      return training(network, fold) + ["--continue-or-begin"] + trainingOptions
    case .validate(let network, let fold):
      return training(network, fold) + ["-val", "--val_disable_overwrite"] + trainingOptions
    case .select:
      let networks = try run.chosenConfigurations().map(\.rawValue)
      return ["nnUNet_find_best_configuration", "-t", run.task, "-m"] + networks
        + ["-f"] + run.folds.map(String.init)
        + ["-tr", run.trainer, "-ctr", run.cascadeTrainer, "-pl", run.plans]
        + (run.ensembles ? [] : ["--disable_ensembling"]) + differences
    }
  }

  private func training(_ network: Plans.Configuration, _ fold: Int) -> [String] {
    ["nnUNet_train", network.rawValue, run.model(network).trainer, run.task, String(fold)]
      + ["-p", run.plans] + (run.ensembles ? ["--npz"] : [])
      + (network == .cascade ? ["--previous-trainer", run.trainer] : []) + differences
  }

  private var differences: [String] { acceptsDifferences ? ["--accept-differences"] : [] }
}
