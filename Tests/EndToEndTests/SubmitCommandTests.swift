import Foundation
import TestSupport
import Testing

/// A task completed by jobs on this machine, and what is said about it.
@Suite struct SubmitCommandTests {
  private let options = [
    "99", "-m", "2d", "-f", "0", "1",
  ]
  private let short = [
    "--epochs", "2", "--iterations-per-epoch", "2", "--val-iterations", "1", "--batch-size", "2",
    "--device", "cpu", "--threads", "1",
  ]

  @Test func jobsCompleteATask() throws {
    let task = try TinyTask()
    let program = task.program
    let scripts = try program.run(["nnUNet_submit"] + options + ["--local", "--dry-run"] + short)
    scripts.expectSuccess()
    #expect(scripts.output.split(separator: "\n").count == 4, "\(scripts.output)")
    let before = try program.run(["nnUNet_status"] + options)
    before.expectSuccess()
    #expect(before.output.contains("2d 1     missing"), "\(before.output)")

    try program.run(["nnUNet_submit"] + options + ["--local", "--jobs", "2"] + short)
      .expectSuccess()
    let after = try program.run(["nnUNet_status"] + options)
    #expect(after.output == "prepare  done\n2d 0     done\n2d 1     done\nselect   done\n")
    let again = try program.run(["nnUNet_submit"] + options + ["--local"] + short)
    #expect(again.status == 0 && again.output.contains("is complete"))
  }

  @Test func failuresAreNamedAndShown() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let outcome = try program.run(
      ["nnUNet_submit"] + options + ["-tr", "nnUNetTrainerNone", "--local"] + short)
    outcome.expectFailure(naming: "2d, fold 0: status 1", "nnunet.Task099_Ball.2d.0.log")
    let status = try program.run(["nnUNet_status"] + options + ["-tr", "nnUNetTrainerNone"])
    #expect(status.output.contains("failed"), "\(status.output)")
    #expect(status.output.contains("nnUNetTrainerNone"), "\(status.output)")
  }

  @Test func scriptsForSlurm() throws {
    let program = try TinyTask().program
    let outcome = try program.run(
      ["nnUNet_submit"] + options + ["--slurm", "--dry-run", "--sbatch=--partition=gpu"] + short)
    if outcome.status == 0 {
      #expect(outcome.output.contains("#SBATCH --array=0,1"))
      #expect(outcome.output.contains("--dependency=afterok:NUMBER_OF_nnunet.Task099_Ball.prepare"))
      #expect(outcome.output.contains("#SBATCH --partition=gpu"))
    } else {
      // Slurm's commands are installed, but no Slurm runs.
      outcome.expectFailure(naming: "squeue")
    }
    try program.run(["nnUNet_submit", "99"]).expectFailure(status: 2, naming: "--slurm", "--local")
  }
}
