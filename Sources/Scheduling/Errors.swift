import HostSystem

/// Jobs that could not be submitted or that failed.
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
    case .jobsFailed: "Fix the causes and run the same command again; it does only what is missing."
    case .interrupted:
      "The trainings saved checkpoints. Run the same command again to continue from there."
    case .commandFailed: "--dry-run prints the scripts for Slurm."
    }
  }
}
