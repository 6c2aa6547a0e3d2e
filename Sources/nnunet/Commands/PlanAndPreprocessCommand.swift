import ArgumentParser
import HostSystem
import Planning
import Plans

/// `nnUNet_plan_and_preprocess`: crops raw tasks, plans their networks and prepares their cases.
struct PlanAndPreprocessCommand: ParsableCommand {
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
    help: .init("The planner of the 3D networks; None plans none.", valueName: "name"))
  var planner3D = ExperimentPlanner.version21In3D.name

  @Option(
    name: [.customLong("pl2d", withSingleDash: true), .customLong("planner2d")],
    help: .init("The planner of the 2D network; None plans none.", valueName: "name"))
  var planner2D = ExperimentPlanner.version21In2D.name

  @Flag(
    name: .customLong("no_pp", withSingleDash: true),
    help: "Write the plans only; prepare no cases.")
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

  @Option(
    name: .customLong("overwrite_plans", withSingleDash: true),
    help: .init("Plans of another dataset to use instead (not available yet).", valueName: "file"))
  var foreignPlans: String?

  @Option(
    name: .customLong("overwrite_plans_identifier", withSingleDash: true),
    help: .init("The name for plans made with -overwrite_plans.", valueName: "name"))
  var foreignPlansIdentifier: String?

  func validate() throws {
    guard !taskIdentifiers.isEmpty else { throw ValidationError("Give at least one task with -t.") }
    for (option, value) in [("-tl", lowResolutionThreads), ("-tf", threads)] {
      if let value, value < 1 {
        throw ValidationError("\(option) must be at least 1, not \(value).")
      }
    }
  }

  func run() throws {
    if foreignPlans != nil { throw UnavailableOption(option: "-overwrite_plans") }
    if foreignPlansIdentifier != nil {
      throw UnavailableOption(option: "-overwrite_plans_identifier")
    }
    let environment = ProgramEnvironment()
    let reporter = ConsoleReporter()
    let preparations = try taskIdentifiers.map { try preparation(of: $0, in: environment) }
    for preparation in preparations {
      reporter.note(preparation.task)
      if verifies { try preparation.verify(reporter: reporter) }
      try preparation.crop(reporter: reporter)
    }
    for preparation in preparations { try preparation.planAndPreprocess(reporter: reporter) }
  }

  private func preparation(
    of task: String, in environment: ProgramEnvironment
  ) throws -> TaskPreparation {
    let workspace = environment.workspace
    // Both folders are needed; asked for first, so that the lookup need not guess why it failed.
    _ = try (workspace.rawTasks(), workspace.preprocessedTasks())
    let defaultThreads = try environment.defaultThreadCount
    return TaskPreparation(
      workspace: workspace, task: try workspace.taskName(for: task),
      planner3D: try planner(planner3D, spatialRank: 3),
      planner2D: try planner(planner2D, spatialRank: 2), preprocesses: !plansOnly,
      lowResolutionThreads: lowResolutionThreads ?? defaultThreads,
      threads: threads ?? defaultThreads)
  }

  private func planner(_ name: String, spatialRank: Int) throws -> ExperimentPlanner? {
    name == "None" ? nil : try .planner(named: name, spatialRank: spatialRank)
  }
}

/// An option of nnU-Net v1 that this version does not have yet.
struct UnavailableOption: ExplainedError {
  var option: String

  var message: String { "\(option) is not available yet." }
  var hint: String? { "Leave it out; the plans are then made for the dataset itself." }
}
