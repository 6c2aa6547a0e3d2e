import HostSystem

/// Jobs that cannot be handed over or that failed.
package enum SchedulingError: ExplainedError, Equatable {
  case jobsFailed([String])
  case interrupted
  case commandFailed(String, output: String)

  package var message: String {
    switch self {
    case .jobsFailed(let jobs):
      "\(jobs.count) job\(jobs.count == 1 ? "" : "s") failed:"
        + jobs.map { "\n  \($0)" }.joined()
    case .interrupted: "Interrupted."
    case .commandFailed(let command, let output): "'\(command)' failed: \(output)"
    }
  }

  package var hint: String? {
    switch self {
    case .jobsFailed: "When the causes are mended, the same line does what is missing."
    case .interrupted:
      "Trainings saved a checkpoint. Run the same line again: it continues from there."
    case .commandFailed: "--dry-run prints the scripts that are handed to Slurm."
    }
  }
}
