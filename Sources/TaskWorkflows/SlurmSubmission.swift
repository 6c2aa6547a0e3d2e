import Foundation
package import HostSystem
import Scheduling

/// Queues the jobs of a task with Slurm, except those that are already queued.
package struct SlurmSubmission {
  package var jobs: JobCommands
  package var demand: JobDemand
  /// Options for sbatch, such as `--partition=gpu`.
  package var options: [String] = []
  /// Seconds before the limit at which a training saves and is queued again.
  package var warning = 300

  package init(of jobs: JobCommands, demand: JobDemand) {
    self.jobs = jobs
    self.demand = demand
  }

  /// Queues the missing jobs.
  ///
  /// - Parameters:
  ///   - isDryRun: Whether the scripts are only reported and not queued.
  ///   - reporter: Receives the progress of each job.
  /// - Throws: `SchedulingError.commandFailed(_:output:)` if Slurm refuses a job, and `FileError`
  ///   if a script cannot be written.
  package func submit(isDryRun: Bool, reporter: any Reporter) throws {
    let graph = try JobGraph(of: jobs.run)
    let slurm = Slurm()
    let queued = try queue(of: slurm, isDryRun: isDryRun, reporter: reporter)
    var identifiers: [Int: String] = [:]
    for group in jobs.groups(of: graph) {
      let name = jobs.name(of: graph.jobs[group[0]].kind)
      let missing = group.filter { index in
        let fold = jobs.fold(of: graph.jobs[index].kind)
        let entry = queued.first { $0.name == name && $0.element == fold }
        identifiers[index] = entry?.identifier
        return entry == nil
      }
      if missing.count < group.count {
        reporter.note("\(name): \(group.count - missing.count) already queued or running")
      }
      guard !missing.isEmpty else { continue }
      let dependencies = Set(missing.flatMap { graph.jobs[$0].dependencies })
      let script = try script(
        for: missing.map { graph.jobs[$0].kind },
        dependencies: Set(dependencies.compactMap { identifiers[$0] }).sorted())
      guard !isDryRun else {
        reporter.note("# \(name)\n\(try script.text)")
        for index in missing { identifiers[index] = "NUMBER_OF_\(name)" }
        continue
      }
      let file = try jobs.folder.appending(path: name + ".sh")
      try makeFolder(at: jobs.folder)
      try AtomicFile.write(Data(try script.text.utf8), to: file)
      let identifier = try slurm.submit(file)
      for index in missing { identifiers[index] = identifier }
      let folds = script.folds.map(String.init).joined(separator: " ")
      reporter.note("\(name): job \(identifier)" + (folds.isEmpty ? "" : ", folds \(folds)"))
    }
    if graph.jobs.isEmpty { reporter.note("\(jobs.run.task) is complete") }
  }

  /// The jobs that already wait or run.
  ///
  /// A dry run needs no Slurm: if none answers, it shows all jobs.
  private func queue(
    of slurm: Slurm, isDryRun: Bool, reporter: any Reporter
  ) throws -> [Slurm.Entry] {
    guard isDryRun else { return try slurm.queue() }
    guard Slurm.isAvailable else { return [] }
    do {
      return try slurm.queue()
    } catch let error as any ExplainedError {
      reporter.warn("\(error.message) Jobs that are already queued are shown, too.")
      return []
    }
  }

  private func script(for kinds: [JobGraph.Kind], dependencies: [String]) throws -> SlurmScript {
    let folds = kinds.compactMap(jobs.fold)
    var command = [jobs.program] + (try jobs.command(for: kinds[0], anyFold: !folds.isEmpty))
    if kinds[0] == .submitAgain { command += arguments }
    var script = SlurmScript(
      name: jobs.name(of: kinds[0]), folds: folds, command: command,
      resources: try demand.resources(of: kinds[0], in: jobs.run),
      dependencies: dependencies, logFolder: try jobs.folder.path)
    script.options = options
    script.warning = warning
    script.environment = jobs.folderVariables
    script.environment += JobDemand.environment(processors: demand.processors)
    try makeFolder(at: jobs.folder)
    return script
  }

  /// These options as arguments, for the job that submits the jobs known after planning.
  private var arguments: [String] {
    ["--slurm"] + demand.arguments + ["--warning", String(warning)]
      + options.map { "--sbatch=\($0)" }
  }
}
