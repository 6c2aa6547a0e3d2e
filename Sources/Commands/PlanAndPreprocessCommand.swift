import ArgumentParser
import Foundation
import HostSystem
import Inference
import ModelExchange
import Planning
import Plans
import TaskWorkflows
import TrainedModels
import Training

/// `nnUNet_plan_and_preprocess`: crops raw tasks, plans their networks and prepares their cases.
struct PlanAndPreprocessCommand: ExtensibleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_plan_and_preprocess",
    abstract: "Plan networks for a dataset and preprocess its cases.",
    discussion: """
      Reads nnUNet_raw_data_base/nnUNet_raw_data/TaskXXX_NAME and writes plans and prepared cases \
      to nnUNet_preprocessed/TaskXXX_NAME.

      Example: nnUNet_plan_and_preprocess -t 4 --verify_dataset_integrity
      """)

  @Option(
    name: [.short, .customLong("task_ids")], parsing: .upToNextOption,
    help: .init("The ids (or names) of one or more tasks.", valueName: "task"))
  var taskIdentifiers: [String]

  @Option(
    name: [.customLong("pl3d", withSingleDash: true), .customLong("planner3d")],
    help: .init("The planner for the 3D networks; None to plan none.", valueName: "name"))
  var planner3D = ExperimentPlanner.version21In3D.name

  @Option(
    name: [.customLong("pl2d", withSingleDash: true), .customLong("planner2d")],
    help: .init("The planner for the 2D network; None to plan none.", valueName: "name"))
  var planner2D = ExperimentPlanner.version21In2D.name

  @Flag(
    name: .customLong("no_pp", withSingleDash: true),
    help: "Only write the plans; do not prepare cases.")
  var plansOnly = false

  @Option(
    name: .customLong("tl", withSingleDash: true),
    help: .init("Threads for the low resolution stage. Default: all processors.", valueName: "n"))
  var lowResolutionThreads: Int?

  @Option(
    name: .customLong("tf", withSingleDash: true),
    help: .init("Threads for everything else. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Flag(
    name: .customLong("verify_dataset_integrity"),
    help: "Check files, geometries, voxels and labels first. Do this once for every dataset.")
  var verifies = false

  @Flag(
    name: .customLong("compress"),
    help: "Compress the prepared cases (zstd); training reads both kinds.")
  var compresses = false

  @Flag(
    name: .customLong("overwrite"),
    help: """
      Crop and preprocess every case again; otherwise, complete cases of unchanged inputs are kept.
      """)
  var overwrites = false

  @Option(
    name: .customLong("overwrite_plans", withSingleDash: true),
    help: .init(
      "3D plans of another dataset (JSON, or .pkl of v1), so that its weights can be fine-tuned.",
      valueName: "file"))
  var foreignPlans: String?

  @Option(
    name: .customLong("overwrite_plans_identifier", withSingleDash: true),
    help: .init(
      "NAME in nnUNetPlans_pretrained_NAME, the new plans; required with -overwrite_plans.",
      valueName: "name"))
  var foreignPlansIdentifier: String?

  @Option(
    name: .customLong("gpu-memory-target"),
    help: .init("The GPU memory to plan for; nnU-Net's usual plans need 8 GB.", valueName: "GB"))
  var gigabytes: Double?

  @Option(
    name: .customLong("target-spacing"),
    help: .init("The spacing to resample to, such as 2,1,1, in mm.", valueName: "z,y,x"))
  var targetSpacing: String?

  func validate() throws {
    guard !taskIdentifiers.isEmpty else { throw ValidationError("Give at least one task with -t.") }
    for (option, value) in [("-tl", lowResolutionThreads), ("-tf", threads)] {
      if let value, value < 1 {
        throw ValidationError("\(option) must be at least 1, not \(value).")
      }
    }
    if let gigabytes, !(gigabytes >= 1 && gigabytes <= 1024) {
      throw ValidationError("--gpu-memory-target must be 1 to 1024 GB, not \(gigabytes).")
    }
    if gigabytes != nil, planner3D.ends(with: "GB") {
      throw ValidationError(
        "\(planner3D) plans for its own amount of memory; omit --gpu-memory-target.")
    }
    if targetSpacing != nil, spacing == nil {
      throw ValidationError(
        "--target-spacing must be three positive numbers in mm, such as 2,1,1,"
          + " not \(targetSpacing ?? "").")
    }
    try validateForeignPlans()
  }

  private func validateForeignPlans() throws {
    let isPretrained = planner3D == ExperimentPlanner.nameOfPretrained
    guard foreignPlans != nil else {
      guard foreignPlansIdentifier == nil, !isPretrained else {
        throw ValidationError("Give the plans to use with -overwrite_plans.")
      }
      return
    }
    guard let name = foreignPlansIdentifier, !name.isEmpty, !name.holds("/") else {
      throw ValidationError("-overwrite_plans needs a name: -overwrite_plans_identifier NAME.")
    }
    guard isPretrained || planner3D == ExperimentPlanner.version21In3D.name else {
      throw ValidationError(
        "With -overwrite_plans, the planner is \(ExperimentPlanner.nameOfPretrained);"
          + " omit -pl3d.")
    }
    guard gigabytes == nil, targetSpacing == nil else {
      throw ValidationError(
        "Plans given with -overwrite_plans have their own memory and spacing; omit --gpu-memory-target"
          + " and --target-spacing.")
    }
  }

  private var spacing: [Double]? {
    let numbers = targetSpacing?.parts(at: ",", omittingEmpty: false)
      .map { Double($0.filter { $0 != " " }) ?? .nan }
    guard let numbers, numbers.count == 3, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      return nil
    }
    return numbers
  }

  func run(with extensions: Extensions) throws {
    keepFreedMemory()
    let environment = ProgramEnvironment()
    let reporter = ConsoleReporter()
    let preparations = try taskIdentifiers.map {
      try preparation(of: $0, in: environment, extensions)
    }
    try PreparationRun(preparations, verifies: verifies).run(reporter: reporter) { preparation in
      ClosingLines(
        "\(plansOnly ? "planned" : "planned and prepared") \(preparation.task) in"
          + " \(try environment.workspace.preprocessedTask(preparation.task).path)",
        next: NextCommand.after(preparation)
      ).print(to: reporter, in: environment)
    }
  }

  private func preparation(
    of task: String, in environment: ProgramEnvironment, _ extensions: Extensions
  ) throws -> TaskPreparation {
    let workspace = environment.workspace
    // Both folders are needed. They are requested first, so that the lookup need not guess why it
    // failed.
    _ = try (workspace.rawTasks(), workspace.preprocessedTasks())
    let defaultThreads = try environment.defaultThreadCount
    var preparation = TaskPreparation(
      workspace: workspace, task: try workspace.taskName(for: task),
      planner3D: try planner(planner3D, spatialRank: 3, or: extensions.planners),
      planner2D: try planner(planner2D, spatialRank: 2, or: extensions.planners),
      preprocesses: !plansOnly,
      lowResolutionThreads: lowResolutionThreads ?? defaultThreads,
      threads: threads ?? defaultThreads)
    preparation.table = extensions.training.model.preprocessing
    preparation.compresses = compresses
    preparation.overwrites = overwrites
    if let foreignPlans, let foreignPlansIdentifier {
      let file = URL(fileURLWithPath: foreignPlans)
      preparation.foreignPlans = ForeignPlans(
        file: file, identifier: foreignPlansIdentifier,
        plans: file.pathExtension == "pkl" ? try V1Model.plans(contentsOf: file) : nil)
      preparation.planner2D = nil
    }
    return preparation
  }

  private func planner(
    _ name: String, spatialRank: Int, or additional: [ExperimentPlanner]
  ) throws -> ExperimentPlanner? {
    if name == "None" { return nil }
    if name == ExperimentPlanner.nameOfPretrained, spatialRank == 3 { return .version21In3D }
    return try ExperimentPlanner.planner(named: name, spatialRank: spatialRank, or: additional)
      .adapted(gigabytes: gigabytes, targetSpacing: spacing)
  }
}
