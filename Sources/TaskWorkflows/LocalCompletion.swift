package import HostSystem
package import Scheduling

/// Completes a task by jobs on this machine.
package struct LocalCompletion {
  package var jobs: JobCommands
  package var queue: LocalQueue

  package init(of jobs: JobCommands, in queue: LocalQueue) {
    self.jobs = jobs
    self.queue = queue
  }

  /// Runs what is missing and waits for it.
  ///
  /// - Parameters:
  ///   - isDryRun: Whether the commands are reported and nothing is run.
  ///   - signal: Gives each signal that came, once; it is handed on to all running jobs.
  ///   - reporter: Is told of each job.
  /// - Throws: ``TaskWorkflowError/noProgress(_:)`` if jobs have succeeded and the same ones are
  ///   missing still; `SchedulingError.jobsFailed(_:)` and `SchedulingError/interrupted`.
  package func run(
    isDryRun: Bool, signal: () -> Int32?, reporter: any HostSystem.ProgressReporting
  ) throws {
    var last: JobGraph?
    while true {
      let graph = try JobGraph(of: jobs.run)
      guard !graph.jobs.isEmpty else { break }
      // After planning there is more to do; the same again would be repeated for ever.
      guard graph != last else {
        throw TaskWorkflowError.noProgress(jobs.title(of: graph.jobs[0].kind))
      }
      last = graph
      let work = graph.jobs.filter { $0.kind != .submitAgain }
      if isDryRun {
        for job in work { reporter.note(try jobs.command(for: job.kind).joined(separator: " ")) }
        return
      }
      try queue.run(
        work.map { job in
          LocalQueue.Job(
            title: jobs.title(of: job.kind), command: try jobs.command(for: job.kind),
            log: try jobs.log(of: job.kind), dependencies: job.dependencies)
        }, signal: signal, reporter: reporter)
    }
    reporter.note("\(jobs.run.task) is complete")
  }
}
