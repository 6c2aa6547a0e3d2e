import Foundation
import ModelSelection
import Plans
import Scheduling

/// The commands, names and files of the jobs that complete a task.
struct JobCommands {
  var run: TaskRun
  /// What every command of the run gets.
  var options: [String]
  /// What trainings get in addition.
  var trainingOptions: [String]
  /// The file of this program.
  var program: String

  /// Receives scripts and logs.
  var folder: URL {
    get throws { try run.workspace.allResults().appending(path: "jobs/\(run.task)") }
  }

  func title(of kind: JobGraph.Kind) -> String {
    switch kind {
    case .prepare: "plan and preprocess"
    case .fold(let network, let fold): "\(network.rawValue), fold \(fold)"
    case .select: "choose the best models"
    case .submitAgain: "submit what the plans have"
    }
  }

  /// The name in a batch system, which folds of a network share.
  func name(of kind: JobGraph.Kind) -> String {
    let part =
      switch kind {
      case .prepare: "prepare"
      case .fold(let network, _): network.rawValue
      case .select: "select"
      case .submitAgain: "submit"
      }
    return "nnunet.\(run.task).\(part)"
  }

  func fold(of kind: JobGraph.Kind) -> Int? {
    guard case .fold(_, let fold) = kind else { return nil }
    return fold
  }

  /// Where a job's output goes.
  func log(of kind: JobGraph.Kind) throws -> URL {
    let fold = fold(of: kind).map { ".\($0)" } ?? ""
    return try folder.appending(path: name(of: kind) + fold + ".log")
  }

  /// The command, for any fold of a network where the fold is put in later.
  func command(for kind: JobGraph.Kind, anyFold: Bool = false) throws -> [String] {
    let steps = StepCommands(run: run)
    switch kind {
    case .prepare: return try steps.command(for: .prepare)
    case .select: return try steps.command(for: .select)
    case .fold(let network, let fold):
      return [
        "nnUNet_run", run.task, "-m", network.rawValue, "-f",
        anyFold ? SlurmScript.foldPlaceholder : String(fold), "--no-selection",
      ] + options + trainingOptions
    case .submitAgain:
      return ["nnUNet_submit", run.task, "-f"] + run.folds.map(String.init) + options
        + trainingOptions
    }
  }

  /// The jobs that are queued together: the folds of a network, every other one alone.
  func groups(of graph: JobGraph) -> [[Int]] {
    var groups: [[Int]] = []
    for index in graph.jobs.indices {
      if let last = groups.last, fold(of: graph.jobs[index].kind) != nil,
        name(of: graph.jobs[last[0]].kind) == name(of: graph.jobs[index].kind)
      {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }
}
