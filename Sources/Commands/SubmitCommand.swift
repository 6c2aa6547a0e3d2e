import ArgumentParser
import Foundation
import HostSystem
import Plans
import Scheduling
import TaskWorkflows

/// `nnUNet_submit`: completes a task by jobs, on a cluster or on this machine.
struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_submit",
    abstract: "Complete a task with parallel jobs.",
    discussion: """
      Does what nnUNet_run does, in jobs: plan and prepare, one job for each fold of each network \
      (3d_cascade_fullres after all folds of 3d_lowres), selection. Skips steps that are done, running \
      or queued, so you can run the same command again at any time; nnUNet_status shows the progress. \
      Scripts and logs go to RESULTS_FOLDER/nnUNet/jobs/TASK.

      --slurm queues them; shortly before a time limit a training saves a checkpoint and is queued \
      again. --local runs them on this machine and waits. --kubernetes writes a manifest (JSON) for \
      each job, and start.sh, which starts them with kubectl.

      Example: nnUNet_submit 4 --slurm --gpus-per-job 1 --sbatch=--partition=gpu
      Example: nnUNet_submit 4 --local --jobs 2
      Example: nnUNet_submit 4 --kubernetes --image registry/nnunet --claim data --gpus-per-job 1
      """)

  @OptionGroup var chosen: TaskRunOptions

  @Flag(name: .customLong("slurm"), help: "Queue the jobs with sbatch.")
  var usesSlurm = false

  @Flag(name: .customLong("local"), help: "Run the jobs on this machine and wait for them.")
  var isLocal = false

  @Flag(
    name: .customLong("kubernetes"),
    help: "Write manifests for Kubernetes, and a script that starts them.")
  var usesKubernetes = false

  @Option(
    name: .customLong("jobs"), help: .init("--local: the number of jobs at once.", valueName: "n"))
  var slots = 1

  @Option(
    name: .customLong("gpus"), parsing: .upToNextOption,
    help: .init("--local: the GPUs to use, one job at a time each.", valueName: "number"))
  var gpus: [String] = []

  @Option(
    name: .customLong("gpus-per-job"),
    help: .init("--slurm, --kubernetes: GPUs per training.", valueName: "n"))
  var gpusPerJob = 0

  @Option(
    name: .customLong("cpus"),
    help: .init("--slurm, --kubernetes: processors per job.", valueName: "n"))
  var processors = 8

  @Option(
    name: .customLong("memory"),
    help: .init(
      "--slurm, --kubernetes: GB per job. Default: estimated from the plans, 16 if there are none.",
      valueName: "GB"))
  var memory: Int?

  @Option(
    name: .customLong("time"),
    help: .init(
      "--slurm, --kubernetes: the time limit of each job, in Slurm's format.", valueName: "limit"))
  var timeLimit = "24:00:00"

  @Option(
    name: .customLong("warning"),
    help: .init(
      "--slurm: seconds before the time limit at which a training saves and is queued again.",
      valueName: "s"))
  var warning = 300

  @Option(
    name: .customLong("sbatch"),
    help: .init(
      "--slurm: an option for sbatch, such as --sbatch=--partition=gpu; may be repeated.",
      valueName: "option"))
  var batchOptions: [String] = []

  @Flag(name: .customLong("dry-run"), help: "Only print the scripts or commands.")
  var isDryRun = false

  @OptionGroup var kubernetes: KubernetesOptions

  @OptionGroup(title: "Length and hardware of each training") var resources: TrainingResources

  func validate() throws {
    guard [usesSlurm, isLocal, usesKubernetes].count(where: { $0 }) == 1 else {
      throw ValidationError("Give either --slurm, --local or --kubernetes.")
    }
    if usesKubernetes { try kubernetes.check() }
    for (option, value, least) in [
      ("--jobs", slots, 1), ("--cpus", processors, 1), ("--memory", memory ?? 1, 1),
      ("--gpus-per-job", gpusPerJob, 0), ("--warning", warning, 1),
    ] where value < least {
      throw ValidationError("\(option) must be at least \(least), not \(value).")
    }
    let resources = JobResources(processors: 1, memory: 1, gpus: 0, timeLimit: timeLimit)
    guard resources.seconds.map({ $0 > 0 }) ?? usesSlurm else {
      throw ValidationError(
        "--time takes a limit such as 24:00:00 or 2-12:00:00, not \(timeLimit).")
    }
    try chosen.requireFirstNetwork()
  }

  func run() throws {
    let run = try chosen.taskRun()
    let jobs = JobCommands(
      run: run, options: chosen.passedOn, trainingOptions: resources.arguments,
      program: try ChildProgram.executable())
    let demand = JobDemand(
      gpusPerTraining: gpusPerJob, processors: processors, memory: memory, timeLimit: timeLimit)
    let reporter = ConsoleReporter()
    if usesSlurm {
      var submission = SlurmSubmission(of: jobs, demand: demand)
      submission.options = batchOptions
      submission.warning = warning
      try submission.submit(isDryRun: isDryRun, reporter: reporter)
    } else if usesKubernetes {
      try KubernetesManifests(
        of: jobs, demand: demand, at: kubernetes.place, arguments: kubernetes.arguments
      ).write(isDryRun: isDryRun, reporter: reporter)
    } else {
      var queue = LocalQueue(program: jobs.program, slots: slots)
      queue.gpus = gpus
      try LocalCompletion(of: jobs, in: queue)
        .run(isDryRun: isDryRun, signal: SignalRelay().take, reporter: reporter)
    }
  }
}
