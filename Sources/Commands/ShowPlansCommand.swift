import ArgumentParser
import Foundation
import HostSystem
import Planning
import Plans

/// `nnUNet_show_plans`: prints the plans of a task as a table, with the reasons.
struct ShowPlansCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_show_plans",
    abstract: "Show the plans of a task and the reasons for them.",
    discussion: """
      Reads the plans in nnUNet_preprocessed/TaskXXX_NAME, checks them and prints a table of the \
      configurations and, below it, the reason for each choice.

      Example: nnUNet_show_plans 4
      """)

  @Argument(help: .init("The task's name or id.", valueName: "task"))
  var task: String

  @Option(name: .short, help: .init("The name of the plans.", valueName: "name"))
  var plans = ExperimentPlanner.version21In3D.plansIdentifier

  func run() throws {
    let workspace = ProgramEnvironment().workspace
    let name = try workspace.taskName(for: task)
    let files = try [Configuration.twoD, .fullResolution].map {
      try workspace.plansFile(task: name, plans: plans, configuration: $0)
    }.filter(fileExists)
    guard !files.isEmpty else {
      throw PlanningError.noPlans(folder: try workspace.preprocessedTask(name).path)
    }
    let reporter = ConsoleReporter()
    let all = try files.map { try ExperimentPlans.read(from: $0, reporter: reporter) }
    for line in PlansTable(all).lines { print(line) }
  }
}
