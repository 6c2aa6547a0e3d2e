import HostSystem

/// A task's splits that cannot be used; ``JSONError`` describes what is wrong with a file itself.
package enum PlansError: ExplainedError, Equatable {
  /// Fewer cases than folds.
  case tooFewCases(count: Int, folds: Int)
  /// A split file names cases that the dataset does not have, or no cases at all.
  case wrongSplits(path: String, problems: [String])
  /// Split files of one task that contradict each other.
  case contradictingSplits(paths: [String])
  /// A fold that cannot be made from a dataset of this size.
  case noSuchFold(fold: Int, caseCount: Int)

  package var message: String {
    switch self {
    case .tooFewCases(let count, let folds):
      "\(count) training cases cannot be split into \(folds) folds."
    case .wrongSplits(let path, let problems):
      "\(path) does not fit the dataset:" + Self.list(problems)
    case .contradictingSplits(let paths):
      "These files have different folds for the same task:" + Self.list(paths)
    case .noSuchFold(let fold, let caseCount):
      "Fold \(fold) cannot be made from \(caseCount) training cases."
    }
  }

  package var hint: String? {
    switch self {
    case .tooFewCases:
      "Add cases, train the fold 'all', or write your own splits_final.json."
    case .wrongSplits:
      "Correct the file, or delete it so that five random folds are made."
    case .contradictingSplits:
      "Keep the one with the folds you want; move or delete the other."
    case .noSuchFold: "Use a fold of at least 0, or 'all'."
    }
  }

  private static func list(_ items: [String]) -> String {
    items.map { "\n  - \($0)" }.joined()
  }
}

/// A folder or task that cannot be found.
package enum WorkspaceError: ExplainedError, Equatable {
  /// The environment variable that names the folder is not set.
  case variableNotSet(variable: String, purpose: String)
  /// Neither a name that starts with `Task` nor a number.
  case noTaskName(text: String)
  /// No folder with that id.
  case taskNotFound(id: Int, lookedIn: [String], unset: [String])
  /// Folders of several names share the id.
  case severalTasks(id: Int, names: [String], lookedIn: [String])

  package var message: String {
    switch self {
    case .variableNotSet(let variable, let purpose):
      "The environment variable \(variable) is not set; it names the folder of \(purpose)."
    case .noTaskName(let text):
      "'\(text)' is not a task: it is neither a number nor a name that starts with 'Task'."
    case .taskNotFound(let id, let lookedIn, _):
      lookedIn.isEmpty
        ? "There is no task with the id \(id): none of nnU-Net's folders is set."
        : "There is no task with the id \(id) in" + Self.list(lookedIn)
    case .severalTasks(let id, let names, let lookedIn):
      "More than one task has the id \(id): \(names.joined(separator: ", ")). Looked in"
        + Self.list(lookedIn)
    }
  }

  package var hint: String? {
    switch self {
    case .variableNotSet(let variable, _): Self.export([variable])
    case .noTaskName: "Give the id (4) or the full name (Task004_Hippocampus)."
    case .taskNotFound(_, let lookedIn, let unset):
      lookedIn.isEmpty
        ? Self.export(unset)
        : "Check the id; tasks are folders named like Task004_Hippocampus."
          + (unset.isEmpty
            ? "" : "\nNot searched because they are not set: \(unset.joined(separator: ", ")).")
    case .severalTasks: "Give the full name of the task, or remove the folders you do not need."
    }
  }

  private static func list(_ items: [String]) -> String {
    items.map { "\n  \($0)" }.joined()
  }

  private static func export(_ variables: [String]) -> String {
    "Set it, for example:"
      + variables.map { "\n  export \($0)=\"$HOME/\(folderExamples[$0] ?? "nnunet")\"" }.joined()
  }

  private static let folderExamples = [
    Workspace.rawDataVariable: "nnunet/raw", Workspace.preprocessedVariable: "nnunet/preprocessed",
    Workspace.resultsVariable: "nnunet/results",
  ]
}
