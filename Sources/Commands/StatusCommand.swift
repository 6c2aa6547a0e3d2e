import ArgumentParser
import Foundation
import HostSystem
import ModelSelection
import Plans
import Scheduling

/// `nnUNet_status`: how far a task is.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_status",
    abstract: "Show what of a task is done, running, waiting or failed.",
    discussion: """
      One line for each step: preparation, every fold of every network, selection; with the newest \
      line of its log. Looks at the files of the task and, where Slurm is there, at its queue.

      Example: nnUNet_status 4
      """)

  @OptionGroup var chosen: TaskRunOptions

  func run() throws {
    let run = try chosen.taskRun()
    let jobs = JobCommands(
      run: run, options: [], trainingOptions: [], program: try ChildProgram.executable())
    let queue = Slurm.isAvailable ? (try? Slurm().queue()) ?? [] : []
    var rows: [[String]] = []
    func add(_ title: String, _ kind: JobGraph.Kind, _ progress: TaskRun.Progress, log: URL?) throws
    {
      let entry = queue.first {
        $0.name == jobs.name(of: kind) && $0.element == jobs.fold(of: kind)
      }
      let jobLog = try jobs.log(of: kind)
      let failure = lastError(of: jobLog)
      var state = progress.text
      if progress != .done, let entry {
        state = "Slurm \(entry.identifier): \(entry.state.lowercased())"
      } else if progress != .done, progress != .running, failure != nil {
        state = "failed"
      }
      let newest = state == "failed" ? failure : lastLine(of: log ?? jobLog)
      rows.append([title, state, progress == .done ? "" : newest ?? ""])
    }
    try add("prepare", .prepare, run.progressOfPreparation(), log: nil)
    if try run.progressOfPreparation() == .done || chosen.configurations != nil {
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
    let widths = (0..<2).map { column in rows.map(\.[column].count).max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padding(toLength: $1 + 2, withPad: " ", startingAt: 0) }
      let begin = cells.joined()
      let line = shortened(String(row[2]), to: TextTable.columns - begin.count)
      Console.print((begin + line).trimmingCharacters(in: .whitespaces))
    }
  }

  /// The last line of a file that is not empty.
  private func lastLine(of file: URL) -> String? {
    lines(of: file).last.map { shortened($0, to: 300) }
  }

  /// The last error of a file: that of a command itself rather than of the one that called it.
  private func lastError(of file: URL) -> String? {
    let errors = lines(of: file).filter { $0.begins(with: "error:") }
    let last = errors.last
    let isOfCaller = last?.holds("' ended with status ") ?? false
    let cause = isOfCaller ? errors.last { !$0.holds("' ended with status ") } : last
    return (cause ?? last).map { shortened($0, to: 300) }
  }

  /// The last lines of a file that are not empty.
  private func lines(of file: URL) -> [String] {
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
