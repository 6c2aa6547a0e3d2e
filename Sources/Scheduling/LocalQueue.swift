package import Foundation
package import HostSystem

/// Runs jobs on this machine, several at once, each after the jobs that it depends on.
package struct LocalQueue {
  /// The command to run.
  package struct Job: Sendable {
    package var title: String
    package var command: [String]
    package var log: URL
    /// The jobs, by index, that must have succeeded.
    package var dependencies: [Int]

    package init(title: String, command: [String], log: URL, dependencies: [Int]) {
      self.title = title
      self.command = command
      self.log = log
      self.dependencies = dependencies
    }
  }

  /// The program with the commands.
  package var program: String
  /// The number of jobs at once.
  package var slots: Int
  /// The GPUs for jobs, one each; empty for none.
  ///
  /// With GPUs, as many jobs run at once as there are.
  package var gpus: [String] = []
  /// Variables for every job.
  package var environment: [String: String] = [:]

  package init(program: String, slots: Int) {
    self.program = program
    self.slots = slots
  }

  private enum State {
    case waiting
    case running(ChildProcess, slot: Int)
    case succeeded
    case failed(String)
    /// A job that it depends on failed.
    case impossible

    var isWaiting: Bool {
      if case .waiting = self { return true }
      return false
    }
  }

  /// Runs all jobs; if one fails, those that do not depend on it continue.
  ///
  /// - Parameters:
  ///   - jobs: The jobs, each naming those that it waits for.
  ///   - signal: Returns each received signal once; it is forwarded to all running jobs. SIGINT and
  ///     SIGTERM let no more begin.
  ///   - reporter: Receives each job's start and end.
  /// - Throws: ``SchedulingError/jobsFailed(_:)`` or ``SchedulingError/interrupted``.
  package func run(
    _ jobs: [Job], signal: () -> Int32?, reporter: any Reporter
  ) throws {
    let count = gpus.isEmpty ? slots : gpus.count
    var states = jobs.map { _ in State.waiting }
    var isEnding = false
    while true {
      if let number = signal() {
        for case .running(let child, _) in states { child.send(number) }
        isEnding = isEnding || number != SIGUSR1
      }
      for index in jobs.indices {
        if case .running(let child, _) = states[index], let end = child.poll() {
          states[index] = outcome(of: jobs[index], end, reporter)
        }
      }
      var taken = Set(
        states.compactMap { state -> Int? in
          if case .running(_, let slot) = state { return slot }
          return nil
        })
      for index in jobs.indices where states[index].isWaiting && !isEnding {
        switch readiness(of: jobs[index], states) {
        case .impossible: states[index] = .impossible
        case .ready where taken.count < count:
          let slot = (0..<count).first { !taken.contains($0) } ?? 0
          states[index] = .running(try start(jobs[index], slot: slot, reporter), slot: slot)
          taken.insert(slot)
        default: break
        }
      }
      if taken.isEmpty, isEnding || !states.contains(where: \.isWaiting) { break }
      usleep(50_000)
    }
    let failures = zip(jobs, states).compactMap { job, state -> String? in
      if case .failed(let reason) = state { return "\(job.title): \(reason), see \(job.log.path)" }
      return nil
    }
    if isEnding { throw SchedulingError.interrupted }
    guard failures.isEmpty else { throw SchedulingError.jobsFailed(failures) }
  }

  private enum Readiness {
    case ready
    case notYet
    case impossible
  }

  private func readiness(of job: Job, _ states: [State]) -> Readiness {
    var result = Readiness.ready
    for dependency in job.dependencies {
      switch states[dependency] {
      case .succeeded: break
      case .failed, .impossible: return .impossible
      case .waiting, .running: result = .notYet
      }
    }
    return result
  }

  private func start(
    _ job: Job, slot: Int, _ reporter: any Reporter
  ) throws -> ChildProcess {
    try makeFolder(at: job.log.deletingLastPathComponent())
    var variables = environment
    if !gpus.isEmpty { variables["CUDA_VISIBLE_DEVICES"] = gpus[slot] }
    reporter.note("begins: \(job.title)")
    return try ChildProcess(
      program, job.command, environment: variables, endsWithParent: true, output: job.log)
  }

  private func outcome(
    of job: Job, _ end: ChildProcess.End, _ reporter: any Reporter
  ) -> State {
    switch end {
    case .status(0):
      reporter.note("done: \(job.title)")
      return .succeeded
    case .status(let status):
      reporter.warn("\(job.title) failed with status \(status); see \(job.log.path)")
      return .failed("status \(status)")
    case .signal(let number):
      reporter.warn("\(job.title) was ended by signal \(number); see \(job.log.path)")
      return .failed("signal \(number)")
    }
  }
}
