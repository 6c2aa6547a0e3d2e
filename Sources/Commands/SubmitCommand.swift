import ArgumentParser
import Foundation
import HostSystem
import ModelSelection
import Plans
import Scheduling

/// `nnUNet_submit`: completes a task by jobs, on a cluster or on this machine.
struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_submit",
    abstract: "Complete a task with jobs that run in parallel.",
    discussion: """
      Does what nnUNet_run does, in jobs: plan and prepare, one job for each fold of each network \
      (3d_cascade_fullres after all folds of 3d_lowres), selection. What is done, running or queued \
      already is left out, so that the same line may be repeated at any time; nnUNet_status shows how \
      far it is. Scripts and logs go to RESULTS_FOLDER/nnUNet/jobs/TASK.

      --slurm queues them; shortly before a time limit a training saves a checkpoint and is queued \
      again. --local runs them on this machine and waits. --kubernetes writes a manifest for each job, \
      and start.sh, which starts them with kubectl.

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

  @Option(name: .customLong("jobs"), help: .init("--local: jobs at once.", valueName: "n"))
  var slots = 1

  @Option(
    name: .customLong("gpus"), parsing: .upToNextOption,
    help: .init("--local: the GPUs, each for one job at once.", valueName: "number"))
  var gpus: [String] = []

  @Option(
    name: .customLong("gpus-per-job"),
    help: .init("--slurm, --kubernetes: GPUs that each training asks for.", valueName: "n"))
  var gpusPerJob = 0

  @Option(
    name: .customLong("cpus"),
    help: .init("--slurm, --kubernetes: processors per job.", valueName: "n"))
  var processors = 8

  @Option(
    name: .customLong("memory"),
    help: .init(
      "--slurm, --kubernetes: GB per job. Default: estimated from the plans, 16 before there are any.",
      valueName: "GB"))
  var memory: Int?

  @Option(
    name: .customLong("time"),
    help: .init(
      "--slurm, --kubernetes: the time limit of each job, as Slurm writes it.", valueName: "limit"))
  var timeLimit = "24:00:00"

  @Option(
    name: .customLong("warning"),
    help: .init(
      "--slurm: seconds before the limit at which a training saves and is queued again.",
      valueName: "s"))
  var warning = 300

  @Option(
    name: .customLong("sbatch"),
    help: .init(
      "--slurm: an option for sbatch, such as --sbatch=--partition=gpu; may be repeated.",
      valueName: "option"))
  var batchOptions: [String] = []

  @Flag(name: .customLong("dry-run"), help: "Print the scripts or commands and do nothing.")
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
    guard askedOf(gpus: 0, memory: 1).seconds.map({ $0 > 0 }) ?? usesSlurm else {
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
    if usesSlurm {
      try submit(run, jobs, reporter: ConsoleReporter())
    } else if usesKubernetes {
      try writeManifests(run, jobs, reporter: ConsoleReporter())
    } else {
      try runHere(run, jobs, reporter: ConsoleReporter())
    }
  }

  // MARK: - This machine

  private func runHere(_ run: TaskRun, _ jobs: JobCommands, reporter: ConsoleReporter) throws {
    var queue = LocalQueue(program: jobs.program, slots: slots)
    queue.gpus = gpus
    let relay = SignalRelay()
    var last: JobGraph?
    while true {
      let graph = try JobGraph(of: run)
      guard !graph.jobs.isEmpty else { break }
      // After planning there is more to do; the same again would be repeated for ever.
      guard graph != last else { throw RunError.noProgress(jobs.title(of: graph.jobs[0].kind)) }
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
        }, signal: relay.take, reporter: reporter)
    }
    reporter.note("\(run.task) is complete")
  }

  // MARK: - Slurm

  private func submit(_ run: TaskRun, _ jobs: JobCommands, reporter: ConsoleReporter) throws {
    let graph = try JobGraph(of: run)
    let slurm = Slurm()
    let queued = try queue(of: slurm, reporter: reporter)
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
        reporter.note("\(name): \(group.count - missing.count) queued or running already")
      }
      guard !missing.isEmpty else { continue }
      let dependencies = Set(missing.flatMap { graph.jobs[$0].dependencies })
      let script = try script(
        for: missing.map { graph.jobs[$0].kind }, jobs,
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
    if graph.jobs.isEmpty { reporter.note("\(run.task) is complete") }
  }

  /// What waits or runs already.
  ///
  /// A dry run needs no Slurm: it shows all jobs where none answers.
  private func queue(of slurm: Slurm, reporter: ConsoleReporter) throws -> [Slurm.Entry] {
    guard isDryRun else { return try slurm.queue() }
    guard Slurm.isAvailable else { return [] }
    do {
      return try slurm.queue()
    } catch let error as any ExplainedError {
      reporter.warn("\(error.message) Jobs that are queued already are shown, too.")
      return []
    }
  }

  private func script(
    for kinds: [JobGraph.Kind], _ jobs: JobCommands, dependencies: [String]
  ) throws -> SlurmScript {
    let folds = kinds.compactMap(jobs.fold)
    var command = [jobs.program] + (try jobs.command(for: kinds[0], anyFold: !folds.isEmpty))
    if kinds[0] == .submitAgain { command += arguments }
    var script = SlurmScript(
      name: jobs.name(of: kinds[0]), folds: folds, command: command,
      resources: try resources(of: kinds[0], jobs),
      dependencies: dependencies, logFolder: try jobs.folder.path)
    script.options = batchOptions
    script.warning = warning
    script.environment = folders(of: jobs.run)
    script.environment += [
      ("nnUNet_def_n_proc", String(processors)), ("nnUNet_n_proc_DA", String(min(processors, 12))),
    ]
    try makeFolder(at: jobs.folder)
    return script
  }

  private func folders(of run: TaskRun) -> [(name: String, value: String)] {
    [
      ("nnUNet_raw_data_base", run.workspace.rawDataBase),
      ("nnUNet_preprocessed", run.workspace.preprocessed),
      ("RESULTS_FOLDER", run.workspace.results),
    ].compactMap { name, folder in folder.map { (name, $0.path) } }
  }

  // MARK: - Kubernetes

  private func writeManifests(_ run: TaskRun, _ jobs: JobCommands, reporter: ConsoleReporter) throws
  {
    let graph = try JobGraph(of: run)
    guard !graph.jobs.isEmpty else {
      reporter.note("\(run.task) is complete")
      return
    }
    let again =
      ["env"] + folders(of: run).map { "\($0.name)=\($0.value)" } + [jobs.program]
      + (try jobs.command(for: .submitAgain)) + ["--kubernetes"] + sharedArguments
      + kubernetes.arguments
    let manifests = KubernetesManifests(
      options: kubernetes, jobs: jobs, resources: { try resources(of: $0, jobs) }, again: again)
    let files = try manifests.files(of: graph)
    guard !isDryRun else {
      for file in files { reporter.note("# \(file.name)\n\(file.text)") }
      return
    }
    try manifests.write(files)
    reporter.note(
      "\(files.count - 1) manifests in \(try manifests.folder.path); start them with\n"
        + (try manifests.folder.appending(path: KubernetesManifests.scriptName).path))
  }

  private func askedOf(gpus: Int, memory: Int) -> JobResources {
    JobResources(processors: processors, memory: memory, gpus: gpus, timeLimit: timeLimit)
  }

  private func resources(of kind: JobGraph.Kind, _ jobs: JobCommands) throws -> JobResources {
    askedOf(
      gpus: jobs.fold(of: kind) == nil ? 0 : gpusPerJob,
      memory: try memory ?? estimatedMemory(of: kind, jobs.run))
  }

  private func estimatedMemory(of kind: JobGraph.Kind, _ run: TaskRun) throws -> Int {
    guard case .fold(let configuration, _) = kind,
      let (plans, stage) = try run.plannedStage(of: configuration)
    else { return 16 }
    return JobResources.memory(
      for: stage, channels: plans.channelCount, baseFeatures: plans.baseFeatureCount,
      onGPU: gpusPerJob > 0, threads: min(processors, 12))
  }

  /// This command's own options, for the job that submits what planning makes known.
  private var arguments: [String] {
    ["--slurm"] + sharedArguments + ["--warning", String(warning)]
      + batchOptions.map { "--sbatch=\($0)" }
  }

  /// What Slurm and Kubernetes are both told.
  private var sharedArguments: [String] {
    ["--gpus-per-job", String(gpusPerJob), "--cpus", String(processors)]
      + (memory.map { ["--memory", String($0)] } ?? []) + ["--time", timeLimit]
  }
}
