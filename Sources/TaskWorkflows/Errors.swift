import HostSystem

/// A task that cannot be completed step by step.
package enum TaskWorkflowError: ExplainedError, Equatable {
  /// A step that ended well but is missing still.
  case noProgress(String)
  case notPrepared(task: String, plans: String)

  package var message: String {
    switch self {
    case .noProgress(let step): "'\(step)' ended well but left its files incomplete."
    case .notPrepared(let task, let plans): "\(task) is not prepared with the plans \(plans)."
    }
  }

  package var hint: String? {
    switch self {
    case .noProgress: "Look into the folder of that step; --dry-run prints its command."
    case .notPrepared: "Run nnUNet_plan_and_preprocess with the planner that makes these plans."
    }
  }
}
