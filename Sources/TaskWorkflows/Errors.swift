import HostSystem

/// A task that cannot be completed.
package enum TaskWorkflowError: ExplainedError, Equatable {
  /// A step that succeeded, but its results are still missing.
  case noProgress(String)
  case notPrepared(task: String, plans: String)

  package var message: String {
    switch self {
    case .noProgress(let step): "'\(step)' succeeded, but its files are incomplete."
    case .notPrepared(let task, let plans): "\(task) is not prepared with the plans \(plans)."
    }
  }

  package var hint: String? {
    switch self {
    case .noProgress: "Look into the folder of this step; --dry-run prints its command."
    case .notPrepared: "Run nnUNet_plan_and_preprocess with the planner of these plans."
    }
  }
}
