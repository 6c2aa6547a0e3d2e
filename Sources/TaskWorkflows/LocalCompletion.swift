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

  /// Runs the missing jobs and waits for them.
  ///
  /// - Parameters:
  ///   - isDryRun: Whether the commands are only reported and not run.
  ///   - signal: Returns each received signal once; it is forwarded to all running jobs.
  ///   - reporter: Receives the progress of each job.
  /// - Throws: ``TaskWorkflowError/noProgress(_:)`` if jobs succeeded, but the same ones are still
  ///   missing; `SchedulingError.jobsFailed(_:)` and `SchedulingError/interrupted`.
  package func run(
    isDryRun: Bool, signal: () -> Int32?, reporter: any Reporter
  ) throws {
    var last: JobGraph?
    while true {
      let graph = try JobGraph(of: jobs.run)
      guard !graph.jobs.isEmpty else { break }
      // After planning, there is more to do; the same jobs again would be repeated forever.
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
