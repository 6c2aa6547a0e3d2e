import Foundation
import HostSystem
import Plans
package import Scheduling

/// The progress of each step of a task, by its files and by Slurm's queue.
package struct TaskStatus {
  /// A step and its progress.
  package struct Row {
    package var title: String
    package var state: String
    /// The newest line of its log, or the error that it failed with; empty for completed steps.
    package var line: String
  }

  package private(set) var rows: [Row] = []
  private let jobs: JobCommands
  private let queue: [Slurm.Entry]

  /// Determines the progress of each step of a task.
  ///
  /// - Parameters:
  ///   - jobs: The task's jobs, whose names are looked up in the queue.
  ///   - queue: The waiting and running jobs.
  /// - Throws: `WorkspaceError` if a folder is not set, and `FileError` or `JSONError` for plans or
  ///   splits that cannot be read.
  package init(of jobs: JobCommands, queue: [Slurm.Entry]) throws {
    self.jobs = jobs
    self.queue = queue
    let run = jobs.run
    try add("prepare", .prepare, run.progressOfPreparation(), log: nil)
    if try run.progressOfPreparation() == .done || run.configurations != nil {
      for configuration in try run.chosenConfigurations() {
        for fold in try run.folds(of: configuration) {
          try add(
            "\(configuration.rawValue) \(fold)", .fold(configuration, fold),
            run.progress(of: configuration, fold: fold),
            log: run.newestLog(of: configuration, fold: fold))
        }
      }
    }
    try add("select", .select, run.progressOfSelection(), log: nil)
  }

  private mutating func add(
    _ title: String, _ kind: JobGraph.Kind, _ progress: TaskRun.Progress, log: URL?
  ) throws {
    let entry = queue.first {
      $0.name == jobs.name(of: kind) && $0.element == jobs.fold(of: kind)
    }
    let jobLog = try jobs.log(of: kind)
    let failure = Self.lastError(of: jobLog)
    var state = progress.text
    if progress != .done, let entry {
      state = "Slurm \(entry.identifier): \(entry.state.lowercased())"
    } else if progress != .done, progress != .running, failure != nil {
      state = "failed"
    }
    let newest = state == "failed" ? failure : Self.lastLine(of: log ?? jobLog)
    rows.append(Row(title: title, state: state, line: progress == .done ? "" : newest ?? ""))
  }

  /// The last nonempty line of a file.
  private static func lastLine(of file: URL) -> String? {
    lines(of: file).last.map { shortened($0, to: 300) }
  }

  /// The last error of a file: that of a command itself rather than of the one that called it.
  private static func lastError(of file: URL) -> String? {
    let errors = lines(of: file).filter { $0.begins(with: "error:") }
    let last = errors.last
    let isOfCaller = last?.holds("' ended with status ") ?? false
    let cause = isOfCaller ? errors.last { !$0.holds("' ended with status ") } : last
    return (cause ?? last).map { shortened($0, to: 300) }
  }

  /// The last nonempty lines of a file.
  private static func lines(of file: URL) -> [String] {
    guard let handle = try? FileHandle(forReadingFrom: file) else { return [] }
    defer { try? handle.close() }
    let end = (try? handle.seekToEnd()) ?? 0
    try? handle.seek(toOffset: end > 65_536 ? end - 65_536 : 0)
    let text = String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
    return text.lines.filter { !$0.trimmingCharacters(in: .whitespaces).isEmpty }.map(String.init)
  }
}

extension TaskRun.Progress {
  /// The state in words.
  var text: String {
    switch self {
    case .done: "done"
    case .running: "running"
    case .stopped: "stopped"
    case .trained: "not validated"
    case .validatedWithoutProbabilities: "validated without --npz"
    case .missing: "missing"
    }
  }
}
