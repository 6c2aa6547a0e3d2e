import ArgumentParser
import Foundation
import HostSystem
import Plans
import Reports

/// `nnUNet_report`: everything that is known about a task, a model or an evaluation, on one page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_report",
    abstract: "Write an HTML report about a task, a model or an evaluated folder.",
    discussion: """
      Writes one HTML file that needs no network and no other files: the dataset's fingerprint, \
      the plans with their reasons, training curves, metrics of all cases, the choice of models and \
      postprocessing, and the worst cases with reference and prediction, slice by slice.

      The target is a task (id or name), a model's folder (.../CONFIGURATION/TASK/TRAINER__PLANS), \
      or a folder with predictions that nnUNet_evaluate_folder evaluated.

      Example: nnUNet_report 4
      """)

  @Argument(
    help: .init(
      "A task's name or id, a model's folder or an evaluated folder.", valueName: "target"))
  var target: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: .init(
      "The file to write. Default: report.html in the folder, or RESULTS_FOLDER/nnUNet/reports/TASK.html.",
      valueName: "file"))
  var output: String?

  @Option(
    name: [.customShort("i"), .customLong("images")],
    help: .init(
      "The folder with the cases' images. Default: search the raw task and next to the references.",
      valueName: "folder"))
  var images: String?

  @Option(
    name: .customLong("cases"),
    help: .init("The number of worst cases to show; 0 for none.", valueName: "n"))
  var cases = PictureLimits().cases

  @Option(
    name: .customLong("channel"),
    help: .init("The channel of the images to show.", valueName: "n"))
  var channel = 0

  @Option(
    name: .short,
    help: .init("The name of the plans. Default: those that the models use.", valueName: "name"))
  var plans: String?

  @Option(help: .init("Cases to read at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard cases >= 0 else { throw ValidationError("--cases must not be negative.") }
    guard channel >= 0 else { throw ValidationError("--channel must not be negative.") }
    if let threads, threads < 1 {
      throw ValidationError("--threads must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    let environment = ProgramEnvironment()
    let reporter = ConsoleReporter()
    var gathering = ReportGathering(
      workspace: environment.workspace, threads: try threads ?? environment.defaultThreadCount,
      reporter: reporter)
    gathering.limits.cases = cases
    gathering.limits.channel = channel
    gathering.images = images.map { URL(fileURLWithPath: $0, isDirectory: true) }
    gathering.plans = plans
    let (report, place) = try gather(gathering)
    let file = output.map { URL(fileURLWithPath: $0) } ?? place
    let data = ReportPage(report).data
    try makeFolder(at: file.deletingLastPathComponent())
    sweepLeftovers(in: file.deletingLastPathComponent(), reporter: reporter)
    try AtomicFile.write(data, to: file)
    let size = Double(data.count) / 1e6
    reporter.note("wrote \(file.path) (\(String(format: "%.1f", size)) MB)")
  }

  /// The report and its default file.
  private func gather(_ gathering: ReportGathering) throws -> (report: Report, place: URL) {
    let folder = URL(fileURLWithPath: target, isDirectory: true)
    // A folder with the name of a task, such as Task004_Hippocampus, is not an evaluation.
    if isFolder(folder), Int(target) == nil {
      let place = folder.appending(path: "report.html")
      if ReportGathering.isEvaluated(folder) {
        return (try gathering.report(ofFolder: folder), place)
      }
      if ReportGathering.isModel(folder) {
        return (try gathering.report(ofModel: folder), place)
      }
      guard target.begins(with: "Task") else {
        throw ReportError.nothingToReport(folder: folder.path)
      }
    }
    guard Int(target) != nil || target.begins(with: "Task"), !target.holds("/") else {
      throw ReportError.noSuchTarget(target)
    }
    let task = try gathering.workspace.taskName(for: target)
    return (try gathering.report(ofTask: task), try place(of: task, gathering.workspace))
  }

  private func place(of task: String, _ workspace: Workspace) throws -> URL {
    guard workspace.results != nil else {
      return try workspace.preprocessedTask(task).appending(path: "report.html")
    }
    return try workspace.allResults().appending(path: "reports").appending(path: "\(task).html")
  }
}
