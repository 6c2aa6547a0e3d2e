package import Plans

/// The jobs that complete a task, and the order in which they must run.
package struct JobGraph: Hashable, Sendable {
  /// One job: the work of one command.
  package struct Job: Hashable, Sendable {
    package var kind: Kind
    /// The jobs, by index, that must have succeeded.
    package var dependencies: [Int]
  }

  package enum Kind: Hashable, Sendable {
    /// Plan and prepare.
    case prepare
    /// Train and validate a fold, as far as it is missing.
    case fold(Configuration, Int)
    /// Compare the models and choose.
    case select
    /// Determine the jobs again: the plans that determine them do not exist yet.
    case submitAgain
  }

  package var jobs: [Job]

  init(jobs: [Job]) { self.jobs = jobs }

  /// The missing jobs of a run.
  package init(of run: TaskRun) throws {
    var steps = try run.missingSteps()
    jobs = []
    if steps == [.prepare] {
      jobs.append(Job(kind: .prepare, dependencies: []))
      guard let configurations = run.configurations else {
        jobs.append(Job(kind: .submitAgain, dependencies: [0]))
        return
      }
      steps = try run.stepsAfterPreparation(of: configurations)
    }
    let preparation = Array(jobs.indices)
    for step in steps {
      switch step {
      case .train(let configuration, let fold, _), .validate(let configuration, let fold):
        let earlier = configuration == .cascade ? indices(of: .lowResolution) : []
        jobs.append(
          Job(kind: .fold(configuration, fold), dependencies: preparation + earlier))
      case .prepare, .select: break
      }
    }
    if steps.contains(.select) {
      jobs.append(Job(kind: .select, dependencies: Array(jobs.indices)))
    }
  }

  private func indices(of configuration: Configuration) -> [Int] {
    jobs.indices.filter {
      if case .fold(configuration, _) = jobs[$0].kind { return true }
      return false
    }
  }
}

extension JobGraph {
  /// The jobs by index, in waves: each job's dependencies are in earlier waves.
  package var waves: [[Int]] {
    var level: [Int] = []
    for job in jobs { level.append((job.dependencies.map { level[$0] }.max() ?? -1) + 1) }
    return (0...(level.max() ?? 0)).map { wave in jobs.indices.filter { level[$0] == wave } }
      .filter { !$0.isEmpty }
  }
}
