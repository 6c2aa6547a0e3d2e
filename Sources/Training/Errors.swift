public import HostSystem
import Inference
public import TrainedModels

/// A training that cannot start or continue.
public enum TrainingError: ExplainedError, Equatable {
  /// No recipe has this name; `known` contains similar ones.
  case unknownTrainer(name: String, known: [String])
  /// The trainer needs something that this version does not have.
  case unavailable(trainer: String, feature: String)
  /// A recipe names a loss, transform, network or optimizer that no package added.
  case notRegistered(kind: String, name: String, trainer: String, known: [String])
  /// A trainer that cannot train the second network of a cascade.
  case notForCascades(trainer: String, meant: String)
  /// A network gives logits at fewer resolutions than the training needs.
  case tooFewOutputs(trainer: String, found: Int, expected: Int)
  /// The trainer's network is residual and the plans are not for a residual network, or vice versa.
  case plansOfOtherNetwork(trainer: String, plans: String)
  /// A recipe that cannot be used for training, in general or with these plans.
  case impossibleRecipe(trainer: String, reason: String)
  /// A file does not contain a recipe.
  case invalidRecipe(path: String, reason: String)
  /// The task was not planned with this name.
  case noPlans(path: String, task: String)
  /// A task that the Python nnU-Net v1 planned and that was not imported.
  case plansOfV1(path: String, folder: String)
  /// The plans have no such network because one stage is enough for the task.
  case notPlanned(configuration: String, stageCount: Int)
  /// The folder of prepared cases is missing or empty.
  case noPreparedCases(folder: String)
  /// Cases of the split were not prepared.
  case missingCases(folder: String, identifiers: [String])
  /// A prepared case has another number of channels than the plans.
  case wrongChannels(identifier: String, found: Int, expected: Int)
  /// A prepared case has a label that the network has no output for.
  case labelOutOfRange(identifier: String, label: Int, classes: Int)
  /// A prepared case cannot be read.
  case damagedCase(identifier: String, reason: String)
  /// There is nothing to continue from.
  case noCheckpoint(folder: String)
  /// The first network of a cascade has not predicted these cases.
  case previousMissing(folder: String, identifiers: [String])
  /// The prediction of a cascade's first network does not have the size of the prepared case.
  case previousOfOtherShape(path: String, found: [Int], expected: [Int])
  /// No weight in a file matches one of the network's in name and shape.
  case nothingToWarmStart(path: String)
  /// The final checkpoint is missing.
  case notFinished(expected: String)
  /// A checkpoint belongs to another architecture.
  case checkpointOfOtherNetwork(path: String)
  /// A checkpoint cannot be read.
  case damagedCheckpoint(path: String, reason: String)
  /// The fold's folder contains a training, and the user did not ask to continue or overwrite it.
  case alreadyTrained(folder: String)
  /// The fold's folder contains checkpoints of the Python nnU-Net v1.
  case resultsOfV1(folder: String, files: [String])
  /// The plans, the split or the network differ from those of the model's trained folds.
  case otherOrigin(model: String, differences: [OriginDifference])
  /// Another process is training in the fold's folder.
  case folderInUse(String)
  /// The loss or gradients were infinite or NaN in so many consecutive steps.
  case notFinite(steps: Int, epoch: Int)
  /// The training was asked to end and has saved its state.
  case interrupted(reason: String, epoch: Int, checkpoint: String)
  /// The final validation was asked to end.
  case validationInterrupted(reason: String, completed: Int, total: Int)
  /// The prediction for the second network of a cascade was asked to end.
  case nextStageInterrupted(reason: String, completed: Int, total: Int)
  /// A shared batch has fewer samples than there are processes.
  case batchTooSmall(size: Int, ranks: Int)
  /// A launcher's variable has an impossible value.
  case invalidLaunch(variable: String, value: String, expected: String)
  /// A process cannot reach the others.
  case cannotMeet(rank: Int, address: String, reason: String)
  /// A process has not responded for so many seconds.
  case rankLost(rank: Int, host: String, seconds: Int)
  /// Another process ended with an error.
  case rankFailed(rank: Int, host: String, reason: String)
  /// The process through which the others connect does not respond.
  case meetingPlaceLost(host: String, reason: String)
  /// A setting is outside its range.
  case invalidSetting(name: String, value: String, expected: String)

  /// The problem, naming the trainer, case or file.
  public var message: String {
    switch self {
    case .unknownTrainer(let name, _): "There is no trainer \(name)."
    case .unavailable(let trainer, let feature):
      "\(trainer) needs \(feature), which this version does not have."
    case .notRegistered(let kind, let name, let trainer, let known):
      "\(trainer) names the \(kind) \(name), which this program does not have"
        + (known.isEmpty ? "." : "; it has \(known.joined(separator: ", ")).")
    case .notForCascades(let trainer, let meant):
      "\(trainer) does not train 3d_cascade_fullres; \(meant) does."
    case .tooFewOutputs(let trainer, let found, let expected):
      "The network of \(trainer) gives logits at \(found) resolutions, but the training needs \(expected)."
    case .plansOfOtherNetwork(let trainer, let plans):
      "The plans \(plans) are not for the network of \(trainer)."
    case .impossibleRecipe(let trainer, let reason):
      "\(trainer) cannot be used for training: \(reason)."
    case .invalidRecipe(let path, let reason): "\(path) is not a valid recipe: \(reason)."
    case .noPlans(let path, let task): "\(task) has no plans \(path)."
    case .plansOfV1(let path, _):
      "\(path) comes from the Python nnU-Net v1 and cannot be used for training as it is."
    case .notPlanned(let configuration, let stageCount):
      "The plans have no \(configuration): they have \(stageCount) stage\(stageCount == 1 ? "" : "s")."
    case .noPreparedCases(let folder): "There are no prepared cases in \(folder)."
    case .missingCases(let folder, let identifiers):
      "\(folder) lacks cases of the split: \(identifiers.prefix(10).joined(separator: ", "))"
        + (identifiers.count > 10 ? " and \(identifiers.count - 10) more." : ".")
    case .wrongChannels(let identifier, let found, let expected):
      "Case \(identifier) has \(found) channels, but the plans say \(expected)."
    case .labelOutOfRange(let identifier, let label, let classes):
      "Case \(identifier) has label \(label), but the network has outputs only for 0 to \(classes - 1)."
    case .damagedCase(let identifier, let reason):
      "Case \(identifier) cannot be used for training. \(reason)"
    case .previousMissing(let folder, let identifiers):
      "seg from prev stage missing in \(folder): \(identifiers.prefix(10).joined(separator: ", "))"
        + (identifiers.count > 10 ? " and \(identifiers.count - 10) more." : ".")
    case .previousOfOtherShape(let path, let found, let expected):
      "\(path) has shape \(found), but the prepared case has \(expected)."
    case .nothingToWarmStart(let path):
      "\(path) has no weights that match the network in name and shape."
    case .noCheckpoint(let folder): "There is no checkpoint to continue from in \(folder)."
    case .notFinished(let expected): "The final checkpoint \(expected) does not exist."
    case .checkpointOfOtherNetwork(let path):
      "\(path) belongs to a network of another architecture."
    case .damagedCheckpoint(let path, let reason): "\(path) is damaged: \(reason)"
    case .alreadyTrained(let folder): "\(folder) already contains the checkpoints of a training."
    case .resultsOfV1(let folder, let files):
      "\(folder) contains a training of the Python nnU-Net v1: \(files.joined(separator: ", "))."
    case .otherOrigin(let model, let differences):
      "This training does not match the model in \(model):\n"
        + differences.map { "  \($0.text)" }.joined(separator: "\n")
    case .folderInUse(let folder): "Another training is running in \(folder)."
    case .notFinite(let steps, let epoch):
      "The loss or its gradients were not finite in \(steps) consecutive steps of epoch \(epoch)."
    case .interrupted(let reason, let epoch, let checkpoint):
      "The training was ended by \(reason) in epoch \(epoch); its state is in \(checkpoint)."
    case .validationInterrupted(let reason, let completed, let total):
      "The validation was ended by \(reason) after \(completed) of \(total) cases; the training is "
        + "complete."
    case .nextStageInterrupted(let reason, let completed, let total):
      "The prediction for the next stage was ended by \(reason) after \(completed) of \(total) cases; the "
        + "training and its validation are complete."
    case .batchTooSmall(let size, let ranks):
      "A batch of \(size) cannot be split among \(ranks) processes."
    case .invalidLaunch(let variable, let value, let expected):
      "\(variable) is '\(value)', but must be \(expected)."
    case .cannotMeet(let rank, let address, let reason):
      "Rank \(rank) cannot reach the other processes at \(address): \(reason)"
    case .rankLost(let rank, let host, let seconds):
      "Rank \(rank) (\(host)) is gone: it has not responded for \(seconds) s."
    case .rankFailed(let rank, let host, let reason): "Rank \(rank) (\(host)) failed: \(reason)"
    case .meetingPlaceLost(let host, let reason):
      "Rank 0, through which the processes connect (\(host)), is gone: \(reason)"
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value), but must be \(expected)."
    }
  }

  /// What the user can do about it.
  public var hint: String? {
    switch self {
    case .unknownTrainer(_, let known):
      "Did you mean \(known.joined(separator: ", "))? Guides/Recipes.md lists all trainers."
    case .unavailable: "Choose another trainer; Guides/Recipes.md lists those that are available."
    case .plansOfOtherNetwork:
      "Trainers with _ResencUNet need the plans of ExperimentPlanner3DFabiansResUNet_v21 (-p nnUNetPlans_FabiansResUNet_v2.1), all other trainers need plans without num_blocks_encoder."
    case .impossibleRecipe:
      "Change the recipe (--recipe FILE); Guides/Recipes.md explains its keys."
    case .notRegistered(_, _, _, let known) where known.isEmpty:
      "Run the command with the program of the package that registers it; see Guides/Extending.md."
    case .notRegistered:
      "Correct the name, or run the command with the program of the package that registers it."
    case .tooFewOutputs:
      "Let the network give logits at every resolution of its decoder, the highest first, or set usesDeepSupervision to false in the recipe."
    case .notForCascades(_, let meant):
      "nnUNet_train 3d_cascade_fullres \(meant) TASK FOLD; Guides/Recipes.md lists all trainers."
    case .invalidRecipe: "Guides/Recipes.md describes the keys."
    case .plansOfV1(_, let folder):
      "nnUNet_import_v1_preprocessed -i \(folder) imports them, with the prepared cases and splits."
    case .noPlans(_, let task):
      "Run nnUNet_plan_and_preprocess -t \(task), or name other plans with -p."
    case .notPlanned: "This task needs no cascade. Train 3d_fullres instead."
    case .noPreparedCases, .missingCases:
      "Run nnUNet_plan_and_preprocess for this task, or correct splits_final.json."
    case .damagedCase:
      "Run nnUNet_plan_and_preprocess again: it finds damaged cases and prepares them again."
    case .wrongChannels: "Preprocess the task again with these plans."
    case .labelOutOfRange:
      "Declare all labels in dataset.json, consecutively, and run nnUNet_plan_and_preprocess again."
    case .previousMissing:
      "Train all 5 folds of 3d_lowres of this task first; each predicts its validation cases."
    case .previousOfOtherShape:
      "Delete it and run nnUNet_train 3d_lowres with -val again: the task was preprocessed again in the meantime."
    case .nothingToWarmStart: "Give weights of a network of the same architecture."
    case .noCheckpoint: "Start without -c, or check RESULTS_FOLDER."
    case .notFinished: "Finish the training first: add -c and omit -val."
    case .checkpointOfOtherNetwork:
      "Train in another results folder, or restore the plans of the checkpoint."
    case .damagedCheckpoint: "Delete it to continue from an earlier checkpoint with -c."
    case .alreadyTrained:
      "Add -c to continue it, or --overwrite-training to start over and lose it."
    case .resultsOfV1:
      "nnUNet_predict can use it as it is. To train here, set RESULTS_FOLDER to another folder; "
        + "nnUNet_import_v1_preprocessed imports plans, cases and splits."
    case .otherOrigin:
      "Put back the plans and splits that the folds were trained with, train into another "
        + "RESULTS_FOLDER, or delete the model's folder. To continue anyway, use "
        + "--accept-differences."
    case .folderInUse:
      "Wait until it ends, or stop it (kill -TERM saves a checkpoint) and continue with -c."
    case .notFinite:
      "Check the images for extreme values, train in full precision (--fp32), or lower the learning rate."
    case .interrupted: "Run the same command with -c to continue where it stopped."
    case .validationInterrupted:
      "Run the same command with -val --val_disable_overwrite to validate the other cases."
    case .nextStageInterrupted:
      "Run the same command with -val --val_disable_overwrite: it predicts all cases for the next stage."
    case .batchTooSmall:
      "Use fewer processes, or omit --dbs so that each process has a whole batch."
    case .invalidLaunch:
      "Start the processes with torchrun, mpirun, srun or --devices; Guides/Scaling.md shows how."
    case .cannotMeet:
      "Check that all processes were started with the same MASTER_ADDR and MASTER_PORT, that the port is free, and that no firewall separates the machines."
    case .rankLost, .rankFailed, .meetingPlaceLost:
      "The same command with -c continues from the newest checkpoint, with any number of processes."
    case .invalidSetting: nil
    }
  }
}

extension TrainingError {
  /// Whether all processes end together because a signal asked for it.
  package var isAnswerToSignal: Bool {
    switch self {
    case .interrupted, .validationInterrupted, .nextStageInterrupted: true
    default: false
    }
  }
}
