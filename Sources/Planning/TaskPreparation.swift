import Foundation
package import HostSystem
import JSON
public import Plans
public import Preprocessing

/// Makes plans and prepared cases from a raw task: the work of `nnUNet_plan_and_preprocess`.
///
/// The steps are separate, so that a command over several tasks crops all of them before the first
/// is planned, as nnU-Net v1 does, and a wrong last task is noticed early.
public struct TaskPreparation: Sendable {
  package var workspace: Workspace
  /// The full name of the task.
  package var task: String
  /// Nil plans no 3D networks.
  package var planner3D: ExperimentPlanner?
  /// Nil plans no 2D network.
  package var planner2D: ExperimentPlanner?
  /// Plans of another dataset that replace the 3D plans; nil to plan for this dataset.
  package var foreignPlans: ForeignPlans?
  /// Preprocessors and normalizations that packages added.
  public var table = PreprocessingTable()
  /// Whether cases are prepared for the networks, or only plans are made.
  package var preprocesses = true
  /// Whether prepared cases are compressed.
  package var compresses = false
  /// Whether crops and prepared cases that could be kept are made again.
  package var overwrites = false
  /// The number of threads for the low resolution stage.
  package var lowResolutionThreads: Int
  /// The number of threads for everything else.
  package var threads: Int

  /// Creates the preparation of a task; nothing is read yet.
  ///
  /// - Parameters:
  ///   - workspace: The folders of raw and prepared data.
  ///   - task: The task's full name, such as `Task004_Hippocampus`.
  ///   - planner3D: Plans the 3D networks; nil for none.
  ///   - planner2D: Plans the 2D network; nil for none.
  ///   - preprocesses: Whether cases are prepared; false makes only the plans.
  ///   - lowResolutionThreads: The number of threads for the low resolution stage.
  ///   - threads: The number of threads for everything else.
  public init(
    workspace: Workspace, task: String, planner3D: ExperimentPlanner? = .version21In3D,
    planner2D: ExperimentPlanner? = .version21In2D, preprocesses: Bool = true,
    lowResolutionThreads: Int,
    threads: Int
  ) {
    self.workspace = workspace
    self.task = task
    self.planner3D = planner3D
    self.planner2D = planner2D
    self.preprocesses = preprocesses
    self.lowResolutionThreads = lowResolutionThreads
    self.threads = threads
  }

  /// The name of the file with a task's fingerprint.
  package static let fingerprintFile = "dataset_properties.json"
  /// The name of the file that describes a task.
  package static let descriptionFile = "dataset.json"

  /// Checks the raw files.
  ///
  /// - Throws: ``PlanningError/verificationFailed(_:)`` naming everything that is wrong.
  package func verify(reporter: some Reporter) throws {
    let verification = DatasetVerification(
      rawTask: try workspace.rawTask(task), description: try readDescription(), threads: threads)
    try verification.verify(reporter: reporter)
  }

  /// Crops the raw cases to their nonzero region; existing crops are kept.
  package func crop(reporter: some Reporter) throws {
    let description = try readDescription()
    guard !description.training.isEmpty else { throw PlanningError.noCases }
    guard !description.foregroundLabels.isEmpty else { throw PlanningError.noForegroundLabels }
    try refuseTaskOfV1()
    // Tested first, so that a folder that cannot be written is noticed before the work.
    try makeFolder(at: workspace.preprocessedTask(task))
    try makeFolder(at: workspace.croppedTask(task))
    try cropTask(
      description, rawTask: workspace.rawTask(task), into: croppedStore(),
      overwrites: overwrites, threads: threads, reporter: reporter)
  }

  /// Refuses a folder with only v1's plans: its cases have the same names as ours, and v1 would
  /// load ours instead.
  private func refuseTaskOfV1() throws {
    let folder = try workspace.preprocessedTask(task)
    let names = (try? fileNames(in: folder)) ?? []
    let foreign = names.filter { name in
      ["_plans_3D.pkl", "_plans_2D.pkl"].contains {
        name.utf8.reversed().starts(with: $0.utf8.reversed())
      } && !names.contains(String(name.dropLast(3)) + "json")
    }
    guard foreign.isEmpty else {
      throw PlanningError.preparedByV1(folder: folder.path, files: foreign)
    }
  }

  /// Makes the fingerprint and the plans of the cropped cases and prepares the cases.
  package func planAndPreprocess(reporter: some Reporter) throws {
    let store = try croppedStore()
    let output = try workspace.preprocessedTask(task)
    let description = try readDescription()
    // Until the last case is prepared, no other run may replace the crops that are read here.
    let lock = try FolderLock(folder: store.folder, for: .reading, reporter: reporter)
    defer { withExtendedLifetime(lock) {} }
    let missing = Set(description.trainingIdentifiers).subtracting(try store.identifiers())
    guard missing.isEmpty else {
      throw PlanningError.missingCrops(folder: store.folder.path, cases: missing.sorted())
    }
    try makeFolder(at: output)
    let fingerprint = try FingerprintExtractor(threads: threads).fingerprint(
      of: store, description: description)
    try JSONFile.write(fingerprint, to: store.folder.appending(path: Self.fingerprintFile))
    try JSONFile.write(fingerprint, to: output.appending(path: Self.fingerprintFile))
    // Copied unchanged: writing it again would lose the order of the labels.
    let json = try MappedFile(at: workspace.rawTask(task).appending(path: Self.descriptionFile))
    try AtomicFile.write(Data(json.bytes), to: output.appending(path: Self.descriptionFile))
    var prepared: [ExperimentPlans] = []
    for planner in [planner3D, planner2D].compactMap({ $0 }) {
      let (planner, made) = try planned(by: planner, fingerprint)
      var plans = made
      plans.fileEnding = description.fileEnding
      try write(plans, of: planner, reporter: reporter)
      if !planner.reusesPreparedCases {
        prepared.append(plans)
      } else if preprocesses {
        reporter.note("  It uses the cases that ExperimentPlanner3D_v21 prepares.")
      }
    }
    if preprocesses { try preprocess(prepared, store, into: output, reporter: reporter) }
  }

  // MARK: - Parts

  /// The plans that a planner makes, or those of another dataset, and their planner.
  private func planned(
    by planner: ExperimentPlanner, _ fingerprint: DatasetFingerprint
  ) throws -> (ExperimentPlanner, ExperimentPlans) {
    let plans = try planner.plan(fingerprint)
    guard let foreignPlans, planner.spatialRank == 3 else { return (planner, plans) }
    var planner = planner
    planner.name = ExperimentPlanner.nameOfPretrained
    planner.plansIdentifier = foreignPlans.plansIdentifier
    return (planner, try foreignPlans.adapted(to: plans))
  }

  private func preprocess(
    _ prepared: [ExperimentPlans], _ store: CroppedStore, into output: URL,
    reporter: some Reporter
  ) throws {
    let crops = try store.catalog(threads: threads)
    try requireSpaceToPrepare(
      prepared, crops: crops, in: output, compresses: compresses, table: table, reporter: reporter)
    for plans in prepared {
      try preprocessTask(
        plans: plans, cropped: store, crops: crops, into: output,
        threads: plans.stageCount > 1 ? [lowResolutionThreads, threads] : [threads],
        compresses: compresses, overwrites: overwrites, table: table, reporter: reporter)
    }
  }

  private func readDescription() throws -> DatasetDescription {
    let folder = try workspace.rawTask(task)
    let url = folder.appending(path: Self.descriptionFile)
    guard isFolder(folder) else {
      throw PlanningError.noRawTask(folder: folder.path)
    }
    guard fileExists(url) else {
      throw PlanningError.noDescription(file: url.path)
    }
    return try DatasetDescription.read(from: url)
  }

  private func croppedStore() throws -> CroppedStore {
    CroppedStore(folder: try workspace.croppedTask(task))
  }

  private func write(
    _ plans: ExperimentPlans, of planner: ExperimentPlanner,
    reporter: some Reporter
  ) throws {
    let configuration: Configuration = planner.spatialRank == 2 ? .twoD : .fullResolution
    let url = try workspace.plansFile(
      task: task, plans: planner.plansIdentifier, configuration: configuration)
    try JSONFile.write(plans, to: url)
    reporter.note("\(planner.name) wrote \(url.path)")
    for line in plans.summary { reporter.note("  " + line) }
  }
}
