import HostSystem

/// A batch script for Slurm: one job, or the folds of a network as a job array.
package struct SlurmScript: Sendable {
  /// The job's name, which a later submission looks for in the queue.
  package var name: String
  /// The elements of the array; empty for a single job.
  package var folds: [Int]
  /// The command; an array's script replaces ``foldPlaceholder`` with the element's fold.
  package var command: [String]
  package var resources: JobResources
  /// The jobs that must have succeeded.
  package var dependencies: [String]
  /// Receives the output, absolute.
  package var logFolder: String
  /// Variables to set.
  package var environment: [(name: String, value: String)] = []
  /// More lines for `#SBATCH`, such as `--partition=gpu`.
  package var options: [String] = []
  /// Seconds before the time limit at which a training saves a checkpoint and is queued again.
  package var warning = 300

  package static let foldPlaceholder = "{fold}"

  package init(
    name: String, folds: [Int], command: [String], resources: JobResources,
    dependencies: [String], logFolder: String
  ) {
    self.name = name
    self.folds = folds
    self.command = command
    self.resources = resources
    self.dependencies = dependencies
    self.logFolder = logFolder
  }

  /// The script.
  ///
  /// Slurm signals only the script (`B:`), with USR1 before the time limit. The training gets TERM,
  /// saves a checkpoint and ends; then the job is queued again and continues from there.
  ///
  /// - Throws: `ControlCharacterError`: a line break in a name would begin a line of the script.
  package var text: String {
    get throws(ControlCharacterError) {
      try checkForControls()
      return script
    }
  }

  private func checkForControls() throws(ControlCharacterError) {
    let words =
      [("The name of the job", name), ("The folder of the logs", logFolder)]
      + [("The time limit", resources.timeLimit)]
      + options.map { ("The option", $0) } + command.map { ("A word of the command", $0) }
      + dependencies.map { ("The number of a job", $0) }
      + environment.flatMap { [("A variable", $0.name), ("The variable \($0.name)", $0.value)] }
    for (place, word) in words { try QuotedText.requireNoControls(word, in: place) }
  }

  /// The script of words without control characters.
  private var script: String {
    // sbatch parses words like a shell, and % begins a placeholder.
    let logs = logFolder.substituting("%", with: "%%")
    var lines = ["--job-name=\(QuotedText.shellWord(name))"]
    if !folds.isEmpty { lines.append("--array=\(folds.map(String.init).joined(separator: ","))") }
    lines.append("--cpus-per-task=\(resources.processors)")
    lines.append("--mem=\(resources.memory)G")
    if resources.gpus > 0 { lines.append("--gres=gpu:\(resources.gpus)") }
    lines.append("--time=\(resources.timeLimit)")
    lines.append("--signal=B:USR1@\(warning)")
    lines += ["--requeue", "--open-mode=append"]
    let log = "\(logs)/\(folds.isEmpty ? "%x" : "%x.%a").log"
    lines.append("--output=\(QuotedText.shellWord(log))")
    if !dependencies.isEmpty {
      lines.append("--dependency=afterok:\(dependencies.joined(separator: ":"))")
      lines.append("--kill-on-invalid-dep=yes")
    }
    lines += options
    let exports = environment.map { "export \($0.name)=\(QuotedText.shellWord($0.value))" }
    let words = command.map {
      $0 == Self.foldPlaceholder ? "\"$SLURM_ARRAY_TASK_ID\"" : QuotedText.shellWord($0)
    }
    return """
      #!/bin/bash
      \(lines.map { "#SBATCH " + $0 }.joined(separator: "\n"))
      \(exports.joined(separator: "\n"))

      # The training saves a checkpoint before it ends. `$!` is there as soon as it runs; a variable
      # set on the next line might not be when the signal comes.
      save() {
        [ -z "$!" ] || { kill -TERM "$!" 2>/dev/null; wait "$!"; }
      }
      # Shortly before the time limit: save, then wait in the queue again.
      trap 'save; scontrol requeue "$SLURM_JOB_ID"; exit 0' USR1
      trap 'save; exit 143' TERM
      \(words.joined(separator: " ")) &
      wait "$!"

      """
  }
}
