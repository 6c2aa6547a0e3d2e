import Foundation
import HostSystem
import TestSupport
import Testing

/// A task completed by jobs on this machine, and its messages.
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
    outcome.expectSuccess()
    #expect(outcome.output.contains("#SBATCH --array=0,1"))
    #expect(outcome.output.contains("--dependency=afterok:NUMBER_OF_nnunet.Task099_Ball.prepare"))
    #expect(outcome.output.contains("#SBATCH --partition=gpu"))
    try program.run(["nnUNet_submit", "99"]).expectFailure(status: 2, naming: "--slurm", "--local")
  }

  @Test func aDryRunNeedsNoSlurmThatAnswers() throws {
    let task = try TinyTask()
    let commands = task.base.appending(path: "commands")
    try makeFolder(at: commands)
    for name in ["squeue", "sbatch"] {
      let file = commands.appending(path: name)
      try Data("#!/bin/sh\necho 'slurm_load_jobs error: no controller' >&2\nexit 1\n".utf8)
        .write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    var program = task.program
    program.environment["PATH"] = commands.path + ":/usr/bin:/bin"
    let submit = ["nnUNet_submit"] + options + ["--slurm"] + short
    let dry = try program.run(submit + ["--dry-run"])
    dry.expect(saying: "no controller")
    #expect(dry.output.contains("#SBATCH --array=0,1"), "\(dry.output)")
    // Without --dry-run, it would queue waiting jobs twice.
    try program.run(submit).expectFailure(naming: "squeue", "no controller")
  }

  @Test func manifestsForKubernetes() throws {
    let task = try TinyTask()
    let submit = ["nnUNet_submit"] + options + ["--kubernetes", "--image", "me/nnunet"]
    try task.program.run(submit).expectFailure(status: 2, naming: "--claim")
    try task.program.run(["nnUNet_submit", "99", "--kubernetes", "--claim", "x"])
      .expectFailure(status: 2, naming: "--image")
    try task.program.run(submit + ["--claim", "data", "--time", "soon"])
      .expectFailure(status: 2, naming: "--time", "soon")
    let outcome = try task.program.run(
      submit + ["--claim", "data", "--gpus-per-job", "1", "--results-claim", "models/nnunet"]
        + short)
    outcome.expectSuccess()
    let folder = task.base.appending(
      path: "results/nnUNet/jobs/\(TinyTask.name)/kubernetes")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names == [
        "1-nnunet-task099-ball-prepare.json", "2-nnunet-task099-ball-2d-0.json",
        "2-nnunet-task099-ball-2d-1.json", "3-nnunet-task099-ball-select.json", "start.sh",
      ])
    let training = try String(contentsOf: folder.appending(path: names[1]), encoding: .utf8)
    for line in [
      "\"nvidia.com/gpu\": \"1\"", "\"claimName\": \"models\"", "\"subPath\": \"nnunet\"",
      "\"--epochs\"",
    ] {
      #expect(training.contains(line), "\(line)\n\(training)")
    }
    // Before there are plans, the script asks again.
    try task.program.run(["nnUNet_submit", "99", "--kubernetes", "--image", "x", "--claim", "data"])
      .expectSuccess()
    let script = try String(contentsOf: folder.appending(path: "start.sh"), encoding: .utf8)
    #expect(script.contains("--kubernetes") && script.contains("RESULTS_FOLDER="), "\(script)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }
}
