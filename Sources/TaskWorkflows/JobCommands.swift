package import Foundation
import Plans
import Scheduling

/// The commands, names and files of the jobs that complete a task.
package struct JobCommands {
  package var run: TaskRun
  /// The arguments of every command of the run.
  package var options: [String]
  /// Additional arguments of trainings.
  package var trainingOptions: [String]
  /// The file of this program.
  package var program: String

  package init(run: TaskRun, options: [String], trainingOptions: [String], program: String) {
    self.run = run
    self.options = options
    self.trainingOptions = trainingOptions
    self.program = program
  }

  /// The variables that name the three folders for a job.
  var folderVariables: [(name: String, value: String)] {
    [
      ("nnUNet_raw_data_base", run.workspace.rawDataBase),
      ("nnUNet_preprocessed", run.workspace.preprocessed),
      ("RESULTS_FOLDER", run.workspace.results),
    ].compactMap { name, folder in folder.map { (name, $0.path) } }
  }

  /// Receives scripts and logs.
  package var folder: URL {
    get throws { try run.workspace.allResults().appending(path: "jobs/\(run.task)") }
  }

  package func title(of kind: JobGraph.Kind) -> String {
    switch kind {
    case .prepare: "plan and preprocess"
    case .fold(let network, let fold): "\(network.rawValue), fold \(fold)"
    case .select: "choose the best models"
    case .submitAgain: "submit what the plans have"
    }
  }

  /// The name in a batch system, which the folds of a network share.
  package func name(of kind: JobGraph.Kind) -> String {
    let part =
      switch kind {
      case .prepare: "prepare"
      case .fold(let network, _): network.rawValue
      case .select: "select"
      case .submitAgain: "submit"
      }
    return "nnunet.\(run.task).\(part)"
  }

  package func fold(of kind: JobGraph.Kind) -> Int? {
    guard case .fold(_, let fold) = kind else { return nil }
    return fold
  }

  /// The file for a job's output.
  package func log(of kind: JobGraph.Kind) throws -> URL {
    let fold = fold(of: kind).map { ".\($0)" } ?? ""
    return try folder.appending(path: name(of: kind) + fold + ".log")
  }

  /// The command; for jobs of several folds, the fold is inserted later.
  package func command(for kind: JobGraph.Kind, anyFold: Bool = false) throws -> [String] {
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

  /// The jobs that are queued together: the folds of a network; every other job alone.
  package func groups(of graph: JobGraph) -> [[Int]] {
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
