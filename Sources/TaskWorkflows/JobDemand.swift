import Plans
package import Scheduling

/// The resources that the jobs of a task request from a batch system.
package struct JobDemand: Hashable, Sendable {
  /// GPUs per training.
  package var gpusPerTraining: Int
  package var processors: Int
  /// GB of the host's memory; nil for an estimate from the plans.
  package var memory: Int?
  /// In Slurm's format, see `JobResources`.
  package var timeLimit: String

  package init(gpusPerTraining: Int, processors: Int, memory: Int?, timeLimit: String) {
    self.gpusPerTraining = gpusPerTraining
    self.processors = processors
    self.memory = memory
    self.timeLimit = timeLimit
  }

  /// Before there are plans, GB.
  private static let memoryWithoutPlans = 16

  /// The resources of one job.
  package func resources(of kind: JobGraph.Kind, in run: TaskRun) throws -> JobResources {
    var resources = JobResources(
      processors: processors, memory: try memory ?? estimatedMemory(of: kind, run), gpus: 0,
      timeLimit: timeLimit)
    if case .fold = kind { resources.gpus = gpusPerTraining }
    return resources
  }

  private func estimatedMemory(of kind: JobGraph.Kind, _ run: TaskRun) throws -> Int {
    guard case .fold(let configuration, _) = kind,
      let (plans, stage) = try run.plannedStage(of: configuration)
    else { return Self.memoryWithoutPlans }
    return JobResources.memory(
      for: stage, channels: plans.channelCount, baseFeatures: plans.baseFeatureCount,
      onGPU: gpusPerTraining > 0, threads: Self.augmentationThreads(processors))
  }

  /// The variables that make a job use its requested processors.
  static func environment(processors: Int) -> [(name: String, value: String)] {
    [
      ("nnUNet_def_n_proc", String(processors)),
      ("nnUNet_n_proc_DA", String(augmentationThreads(processors))),
    ]
  }

  private static func augmentationThreads(_ processors: Int) -> Int { min(processors, 12) }

  /// As arguments of `nnUNet_submit`.
  package var arguments: [String] {
    ["--gpus-per-job", String(gpusPerTraining), "--cpus", String(processors)]
      + (memory.map { ["--memory", String($0)] } ?? []) + ["--time", timeLimit]
  }
}
