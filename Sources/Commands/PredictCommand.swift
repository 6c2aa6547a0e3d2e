import ArgumentParser
import Foundation
import HostSystem
import Inference
import JSON
import ModelSelection
import Plans
import TaskWorkflows
import Torch
import TrainedModels
import Training

/// `nnUNet_predict`: segments the images of a folder with a trained model.
struct PredictCommand: ExtensibleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_predict",
    abstract: "Segment the images of a folder with a trained model.",
    discussion: """
      Images are named CASE_XXXX.nii.gz, where XXXX is the channel (0000, 0001, …); the \
      segmentations are CASE.nii.gz. Models of datasets with another file_ending read and write \
      files with that ending. The model is read from RESULTS_FOLDER. Cases that cannot \
      be predicted are reported, and the others are predicted; the exit status is then 1.

      Without -m, -tr, -ctr and -p, uses the model or ensemble that nnUNet_run or \
      nnUNet_find_best_configuration chose for the task, with its postprocessing.

      Example: nnUNet_predict -i imagesTs -o predictions -t 4 -m 3d_fullres
      """)

  @Option(
    name: [.short, .customLong("input_folder")],
    help: .init("The folder with the images of all cases and channels.", valueName: "folder"))
  var input: String

  @Option(
    name: [.short, .customLong("output_folder")],
    help: .init("The folder for the segmentations; created if needed.", valueName: "folder"))
  var output: String

  @OptionGroup var chosen: ModelOptions

  @OptionGroup var trainer: TrainerOption

  @Option(
    name: [.customLong("ctr", withSingleDash: true), .customLong("cascade_trainer_class_name")],
    help: .init(
      "The trainer of the 3d_cascade_fullres model. Default: nnUNetTrainerV2CascadeFullRes.",
      valueName: "name"))
  var chosenCascadeTrainer: String?

  @Option(
    name: [.short, .customLong("folds")], parsing: .upToNextOption,
    help: .init(
      "The folds to average, such as 0 1 2, or all for the network trained on all cases. "
        + "Default: every fold that is trained.", valueName: "fold"))
  var folds: [String] = []

  @Flag(
    name: [.customShort("z"), .customLong("save_npz")],
    help: "Keep the probabilities: CASE.npz (softmax, float16) and CASE.json.")
  var savesProbabilities = false

  @Option(
    name: [.short, .customLong("lowres_segmentations")],
    help: .init(
      "Segmentations of the 3d_lowres model for the cascade. Default: predict them first.",
      valueName: "folder"))
  var lowresSegmentations = "None"

  @Option(
    name: .customLong("part_id"),
    help: .init("The part of the cases to predict, from 0.", valueName: "n"))
  var part = 0

  @Option(
    name: .customLong("num_parts"),
    help: .init("The number of parts that the cases are divided into.", valueName: "n"))
  var partCount = 1

  @Option(
    name: .customLong("num_threads_preprocessing"),
    help: .init(
      "Threads for preparing the next case. Default: all processors.", valueName: "n"))
  var preprocessingThreads: Int?

  @Option(
    name: .customLong("num_threads_nifti_save"),
    help: .init("Threads for exporting segmentations. Default: all processors.", valueName: "n"))
  var exportThreads: Int?

  @Flag(
    name: .customLong("disable_tta"),
    help:
      "Do not average over mirrored tiles: 4 (2D) or 8 (3D) times faster, slightly less accurate.")
  var disablesMirroring = false

  @Flag(
    name: .customLong("overwrite_existing"),
    help: "Predict cases again even if their segmentation exists.")
  var overwrites = false

  @Flag(
    name: .customLong("accept-differences"),
    help: .init(
      "Predict even if folds were trained with plans other than the model's, or after its "
        + "postprocessing was determined; the differences are listed."))
  var acceptsDifferences = false

  @Option(
    name: .customLong("mode"),
    help: .init(
      "How labels are chosen: after resampling the probabilities, or before (fast), or before and "
        + "taking the nearest voxel's (fastest).", valueName: "mode"))
  var mode = SegmentationExport.Mode.normal

  @Option(
    name: .customLong("all_in_gpu"),
    help: .init(
      "None, False or True, without effect: probabilities are always summed in the host's memory.",
      valueName: "choice"))
  var allInGPU = "None"

  @Option(
    name: .customLong("step_size"),
    help: .init(
      "The largest distance between neighbouring tiles as a fraction of the patch, in (0, 1].",
      valueName: "fraction"))
  var stepSize = 0.5

  @Option(
    name: .customLong("max-memory"),
    help: .init(
      "The memory limit in GB; a case that needs more fails before its network runs.",
      valueName: "GB"))
  var maximumMemory: Double?

  @Option(
    name: .customLong("chk", withSingleDash: true),
    help: .init("The checkpoint's name without its extension.", valueName: "name"))
  var checkpoint = "model_final_checkpoint"

  @Flag(
    name: .customLong("disable_mixed_precision"),
    help: "Compute everything in 32-bit floats, as 2d networks always do on a processor.")
  var disablesMixedPrecision = false

  @OptionGroup var device: DeviceOption

  @Option(
    name: .customLong("devices"),
    help: .init(
      "Use several devices: a number, or a list such as cuda:0,cuda:1; or ranks, to share the "
        + "cases with the other processes of torchrun, srun or mpirun.", valueName: "list"))
  var devices: String?

  func validate() throws {
    guard ["None", "False", "True"].contains(allInGPU) else {
      throw ValidationError("--all_in_gpu must be None, False or True, not \(allInGPU).")
    }
    guard stepSize > 0, stepSize <= 1 else {
      throw ValidationError("--step_size must be above 0 and at most 1, not \(stepSize).")
    }
    guard maximumMemory.map({ $0 > 0 && $0 < 1e6 }) ?? true else {
      throw ValidationError("--max-memory must be above 0.")
    }
    guard mode == .normal || !savesProbabilities else {
      throw ValidationError("--mode \(mode.rawValue) makes no probabilities; omit --save_npz.")
    }
    guard devices == nil || device.isAutomatic else {
      throw ValidationError("Give either --device or --devices.")
    }
    guard partCount > 0, 0..<partCount ~= part else {
      throw ValidationError("--part_id must be at least 0 and below --num_parts.")
    }
    for (option, value) in [
      ("--num_threads_preprocessing", preprocessingThreads),
      ("--num_threads_nifti_save", exportThreads),
    ] {
      if let value, value < 1 {
        throw ValidationError("\(option) must be at least 1, not \(value).")
      }
    }
    _ = try chosenFolds()
  }

  func run(with extensions: Extensions) throws {
    let environment = ProgramEnvironment(extensions: extensions)
    let reporter = ConsoleReporter()
    let clock = ContinuousClock()
    let start = clock.now
    if allInGPU == "True" {
      reporter.warn("--all_in_gpu True has no effect: probabilities are summed in host memory")
    }
    if let results = try? environment.workspace.allResults() {
      sweepLeftovers(in: results, reporter: reporter)
    }
    if let selected = try selected(in: environment) {
      try predict(selected, in: environment, reporter: reporter)
    } else {
      try predict(
        prediction(chosenNetwork(chosen.model), in: environment), in: environment,
        reporter: reporter)
    }
    reporter.note("wrote \(output) in \(durationText(clock.now - start))")
    let seconds = (clock.now - start) / .seconds(1)
    try JSONFile.write(
      seconds, to: URL(fileURLWithPath: output).appending(path: "prediction_time.txt"))
  }
}

extension PredictCommand {
  /// A model found by `ModelLookup`.
  private struct Network {
    /// A configuration of v1 or of a model of v2.
    var name: String
    var trainer: String
    var plans: String
  }

  /// A network with the trainer and plans that the user named.
  private func chosenNetwork(_ name: String) -> Network {
    let isCascade = Plans.Configuration(rawValue: name) == .cascade
    return Network(
      name: name,
      trainer: isCascade
        ? chosenCascadeTrainer ?? DefaultNames.cascadeTrainer
        : trainer.chosen ?? DefaultNames.trainer, plans: chosen.plans)
  }

  /// The models selected for the task, unless the user names one.
  private func selected(in environment: ProgramEnvironment) throws -> SelectedPrediction? {
    let isNamed = [chosen.chosenModel, chosen.chosenPlans, trainer.chosen, chosenCascadeTrainer]
      .contains { $0 != nil }
    guard !isNamed, let task = try? environment.workspace.taskName(for: chosen.task),
      let choice = try ModelChoice(in: environment.workspace, task: task)
    else { return nil }
    if choice.members.count > 1, mode != .normal {
      throw ValidationError(
        "--mode \(mode.rawValue) makes no probabilities, which the ensemble needs.")
    }
    var selected = SelectedPrediction(
      choice: choice, workspace: environment.workspace, task: task,
      threads: try exportThreads ?? environment.defaultThreadCount)
    selected.acceptsDifferences = acceptsDifferences
    return selected
  }

  private func predict(
    _ selected: SelectedPrediction, in environment: ProgramEnvironment, reporter: ConsoleReporter
  ) throws {
    try selected.run(
      prediction: { member in
        try prediction(
          Network(
            name: member.configuration.rawValue, trainer: member.trainer, plans: member.plans),
          in: environment)
      }, reporter: reporter,
      predict: { try predict($0, in: environment, reporter: reporter) })
  }

  /// Predicts with one model; for the second model of a cascade, with the first model before.
  private func predict(
    _ asked: FolderPrediction, in environment: ProgramEnvironment, reporter: ConsoleReporter
  ) throws {
    let previous = lowresSegmentations == "None" ? nil : URL(fileURLWithPath: lowresSegmentations)
    try CascadePrediction(asked, previousFolder: previous).run(
      first: { try prediction(chosenNetwork($0), in: environment) }, reporter: reporter,
      predict: { try run($0, reporter: reporter) })
  }

  private func run(_ prediction: FolderPrediction, reporter: ConsoleReporter) throws {
    reporter.note("using model stored in \(prediction.model.folder.path)")
    try prediction.run(
      on: { try chosenDevices(in: ProgramEnvironment()) },
      precision: { disablesMixedPrecision ? .float32 : .mixed(on: $0) }, reporter: reporter)
  }

  private func prediction(
    _ network: Network, in environment: ProgramEnvironment
  ) throws -> FolderPrediction {
    let configuration = Plans.Configuration(rawValue: network.name)
    let folder = try ModelLookup(
      workspace: environment.workspace, task: chosen.task, network: network.name,
      trainer: network.trainer, plans: network.plans
    ).folder()
    var prediction = FolderPrediction(
      model: try TrainedModel(
        folder: folder, configuration: configuration ?? .fullResolution,
        extensions: environment.extensions.training.model),
      input: URL(fileURLWithPath: input), output: URL(fileURLWithPath: output))
    prediction.folds = try chosenFolds()
    prediction.checkpoint = checkpoint
    prediction.options.mirrors = !disablesMirroring
    prediction.acceptsDifferences = acceptsDifferences
    prediction.options.stepSize = stepSize
    (prediction.part, prediction.partCount) = (part, partCount)
    if let rank = try rank(in: environment) {
      prediction.part = part * rank.count + rank.rank
      prediction.partCount = partCount * rank.count
    }
    prediction.overwrites = overwrites
    prediction.options.mode = mode
    prediction.options.savesProbabilities = savesProbabilities
    prediction.options.memoryLimit = maximumMemory.map { Int(trusted: $0 * 1e9) }
    let threads = try environment.defaultThreadCount
    prediction.options.preparationThreads = preprocessingThreads ?? threads
    prediction.options.exportThreads = exportThreads ?? threads
    return prediction
  }

  /// This process among those of a launcher, if they share the cases.
  private func rank(in environment: ProgramEnvironment) throws -> RankPosition? {
    guard devices == "ranks" else { return nil }
    guard let rank = try environment.launchedRank() else { throw CommandLineError.noRank }
    return rank
  }

  private func chosenDevices(in environment: ProgramEnvironment) throws -> [Device] {
    if let rank = try rank(in: environment) {
      return [try DeviceList.device(ofLocalRank: rank.localRank)]
    }
    return try devices.map(DeviceList.devices) ?? [device.device()]
  }

  private func chosenFolds() throws -> TrainedModel.Folds {
    switch folds {
    case [], ["None"]: return .allTrained
    case ["all"]: return .trainedOnAll
    default:
      return .numbers(
        try folds.map { text in
          guard let fold = Int(text), fold >= 0 else {
            throw ValidationError("-f takes whole numbers, or only all, not \(text).")
          }
          return fold
        })
    }
  }
}
