import ArgumentParser
import Foundation
import HostSystem
import Plans
import Scheduling
import TaskWorkflows

/// `nnUNet_status`: the progress of a task.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_status",
    abstract: "Show which steps of a task are done, running, waiting or failed.",
    discussion: """
      Prints one line for each step (preparation, every fold of every network, selection) with the \
      newest line of its log. Checks the files of the task and, if Slurm is installed, its queue.

      Example: nnUNet_status 4
      """)

  @OptionGroup var chosen: TaskRunOptions

  func run() throws {
    let run = try chosen.taskRun()
    let jobs = JobCommands(
      run: run, options: [], trainingOptions: [], program: try ChildProgram.executable())
    let queue = Slurm.isAvailable ? (try? Slurm().queue()) ?? [] : []
    let rows = try TaskStatus(of: jobs, queue: queue).rows.map { [$0.title, $0.state, $0.line] }
    let widths = (0..<2).map { column in rows.map(\.[column].count).max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padding(toLength: $1 + 2, withPad: " ", startingAt: 0) }
      let begin = cells.joined()
      let line = shortened(String(row[2]), to: TextTable.columns - begin.count)
      Console.print((begin + line).trimmingCharacters(in: .whitespaces))
    }
  }
}
