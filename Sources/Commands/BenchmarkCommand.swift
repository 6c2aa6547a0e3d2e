import ArgumentParser
import Foundation
import HostSystem
import JSON
import Plans
import Torch
import Training

/// `nnUNet_benchmark`: measures epoch times on this machine.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_benchmark",
    abstract: "Measure the time of training epochs on this machine.",
    discussion: """
      Trains a few epochs of a prepared task, as nnUNetTrainerV2_5epochs and \
      nnUNetTrainerV2_5epochs_dummyLoad do, keeps no network, and writes the times with the \
      name of the hardware as a table (Markdown) and as JSON.

      Example: nnUNet_benchmark 4
      A short run on a CPU: nnUNet_benchmark 4 -m 3d_fullres --iterations-per-epoch 10 \
      --val-iterations 2 --epochs 2
      """)

  @Argument(help: "The task's name or id.")
  var task: String

  @Option(
    name: .customShort("m"), parsing: .upToNextOption,
    help: .init("The configurations. Default: 2d 3d_fullres.", valueName: "network"))
  var networks = [Plans.Configuration.twoD, .fullResolution]

  @Option(
    name: .customShort("p"), help: .init("The plans identifier.", valueName: "name"))
  var plans = DefaultNames.plans

  @Option(help: .init("The fold whose training cases are used.", valueName: "n"))
  var fold = 0

  @Flag(help: "Skip the epochs that use one batch over and over.")
  var noDummy = false

  @Flag(help: "Also measure 3D configurations with three times the batch size.")
  var large = false

  @Option(
    name: .customShort("o"),
    help: .init(
      "The folder for benchmark.md and benchmark.json. Default: RESULTS_FOLDER/nnUNet/benchmarks/TASK.",
      valueName: "folder"))
  var output: String?

  @OptionGroup(title: "Length and hardware") var resources: TrainingResources

  func validate() throws {
    if networks.contains(.cascade) {
      throw ValidationError("-m takes 2d, 3d_lowres and 3d_fullres, not 3d_cascade_fullres.")
    }
    if networks.isEmpty { throw ValidationError("-m needs at least one configuration.") }
    if fold < 0 { throw ValidationError("--fold must be a number from 0, not \(fold).") }
    if resources.recipe != nil {
      throw ValidationError("nnUNet_benchmark does not accept --recipe.")
    }
  }

  func run() throws {
    let environment = ProgramEnvironment()
    let workspace = environment.workspace
    let results = try workspace.allResults()
    let task = try workspace.taskName(for: task)
    let cores = try environment.defaultThreadCount
    let device = try resources.device.device()
    let threads = resources.threads ?? cores
    try TorchRuntime.setThreads(threads)
    let augmentationThreads = try environment.augmentationThreadCount(cores: cores)
    let (plans, fold, seed) = (plans, fold, resources.chosenSeed)
    let isFull = resources.fullPrecision
    let benchmark = EpochBenchmark(changes: resources.changes, threads: threads) {
      configuration, recipe in
      try TrainingSetup(
        workspace: workspace, task: task, configuration: configuration, plans: plans,
        fold: .number(fold), recipe: recipe, device: device,
        precision: isFull ? .float32 : .mixed(on: device), seed: seed,
        augmentationThreads: augmentationThreads)
    }
    let reporter = ConsoleReporter()
    let report = try benchmark.run(cases, reporter: reporter)
    let folder =
      output.map { URL(fileURLWithPath: $0) }
      ?? results.appending(path: "benchmarks").appending(path: task)
    try makeFolder(at: folder)
    try AtomicFile.write(Data(report.table.utf8), to: folder.appending(path: "benchmark.md"))
    try JSONFile.write(report, to: folder.appending(path: "benchmark.json"))
    reporter.note("\n" + report.plainTable)
    reporter.note("wrote \(folder.appending(path: "benchmark.md").path) and benchmark.json")
  }

  private var cases: [EpochBenchmark.Case] {
    networks.flatMap { network in
      var cases = [EpochBenchmark.Case(network, usesDummyLoad: false)]
      if !noDummy { cases.append(.init(network, usesDummyLoad: true)) }
      if large && network != .twoD {
        cases.append(.init(network, usesDummyLoad: false, batchFactor: 3))
      }
      return cases
    }
  }
}
