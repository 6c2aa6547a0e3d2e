import ArgumentParser
import Foundation
import HostSystem
import Planning
import Plans
import Reports

/// `nnUNet_plot_task_pngs`: a picture of every training case.
struct PlotTaskPNGsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_plot_task_pngs",
    abstract: "Draw every training case with its segmentation, for a quick look.",
    discussion: """
      Writes CASE.png with the slice that has the most foreground and its labels in colors: \
      blue 1, orange 2, green 3, red 4, purple 5, yellow 6, ... The spacing is ignored. Draws the \
      prepared cases of the highest resolution, or the raw images with --use_raw.

      Example: nnUNet_plot_task_pngs -t 4 -o overview --use_raw
      """)

  @OptionGroup var taskOption: TaskOption

  @Option(name: .customShort("o"), help: .init("The folder for the pictures.", valueName: "folder"))
  var output: String

  @Option(
    name: .customLong("num_processes", withSingleDash: true),
    help: .init("Cases to draw at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Option(
    name: .customLong("modality_idx", withSingleDash: true),
    help: .init("The channel to draw, from 0.", valueName: "n"))
  var channel = 0

  @Flag(name: .customLong("use_raw"), help: "Draw the raw images, not the prepared ones.")
  var usesRaw = false

  func validate() throws {
    guard channel >= 0 else {
      throw ValidationError("-modality_idx must be at least 0, not \(channel).")
    }
    if let threads, threads < 1 {
      throw ValidationError("-num_processes must be at least 1, not \(threads).")
    }
  }

  func run() throws {
    let environment = ProgramEnvironment()
    let workspace = environment.workspace
    let name = try workspace.taskName(for: taskOption.name)
    let reporter = ConsoleReporter()
    let overview = TaskOverview(
      channel: channel, threads: try threads ?? environment.defaultThreadCount, reporter: reporter)
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    let count =
      usesRaw
      ? try overview.drawRaw(task: workspace.rawTask(name), into: folder)
      : try overview.drawPrepared(
        task: workspace.preprocessedTask(name),
        dataIdentifier: ExperimentPlanner.version21In3D.dataIdentifier, into: folder)
    reporter.note("wrote \(countText(count, "picture")) to \(folder.path)")
  }
}
