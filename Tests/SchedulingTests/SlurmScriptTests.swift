import Foundation
import HostSystem
import Plans
import TestSupport
import Testing

@testable import Scheduling

@Suite struct SlurmScriptTests {
  private var script: SlurmScript {
    var script = SlurmScript(
      name: "nnunet.Task004_X.2d", folds: [0, 3],
      command: ["/opt/nnunet", "nnUNet_run", "Task004_X", "-f", SlurmScript.foldPlaceholder],
      resources: JobResources(processors: 4, memory: 9, gpus: 1, timeLimit: "2-00"),
      dependencies: ["12", "13"], logFolder: "/results/jobs")
    script.environment = [("RESULTS_FOLDER", "/data/my results")]
    script.options = ["--partition=gpu"]
    return script
  }

  @Test func asksForWhatTheJobNeeds() throws {
    let lines = try script.text.split(separator: "\n").map(String.init)
    #expect(lines[0] == "#!/bin/bash")
    for line in [
      "--job-name=nnunet.Task004_X.2d", "--array=0,3", "--cpus-per-task=4", "--mem=9G",
      "--gres=gpu:1", "--time=2-00", "--signal=B:USR1@300", "--requeue",
      "--output=/results/jobs/%x.%a.log", "--dependency=afterok:12:13",
      "--kill-on-invalid-dep=yes", "--partition=gpu",
    ] {
      #expect(lines.contains("#SBATCH " + line), "\(line)")
    }
    #expect(lines.contains("export RESULTS_FOLDER='/data/my results'"))
    #expect(
      lines.contains("/opt/nnunet nnUNet_run Task004_X -f \"$SLURM_ARRAY_TASK_ID\" &"))
  }

  @Test func controlsInNamesAreRefused() throws {
    let hostile = "Task004_X\n#SBATCH --wrap=rm"
    let changes: [(inout SlurmScript) -> Void] = [
      { $0.name = hostile }, { $0.command.append(hostile) }, { $0.options.append(hostile) },
      { $0.logFolder = hostile }, { $0.environment.append(("A", hostile)) },
      { $0.environment.append((hostile, "a")) }, { $0.dependencies.append(hostile) },
      { $0.resources.timeLimit = hostile },
    ]
    for (index, change) in changes.enumerated() {
      var script = script
      change(&script)
      #expect(throws: ControlCharacterError.self, "change \(index)") { try script.text }
    }
    var script = script
    script.name = "a b#'\u{301}"
    script.logFolder = "/100% of it"
    let lines = try script.text.split(separator: "\n").map(String.init)
    #expect(lines.contains("#SBATCH --job-name='a b#'\\''\u{301}'"))
    #expect(lines.contains("#SBATCH --output='/100%% of it/%x.%a.log'"))
  }

  /// The script itself, with a stand-in for the training and for `scontrol`.
  @Test(arguments: [("USR1", "saved\nrequeue 77\n", 0), ("TERM", "saved\n", 143)])
  func aSignalSavesFirst(signal: String, printed: String, status: Int) throws {
    let folder = try temporaryFolder()
    let bin = folder.appending(path: "bin")
    try makeFolder(at: bin)
    let ready = folder.appending(path: "ready").path
    for (name, text) in [
      ("scontrol", "#!/bin/sh\necho \"$@\"\n"),
      (
        "train",
        "#!/bin/sh\ntrap 'echo saved; exit 1' TERM\ntouch \(ready)\nwhile :; do sleep 0.05; done\n"
      ),
    ] {
      let file = bin.appending(path: name)
      try Data(text.utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    var script = script
    script.command = [bin.appending(path: "train").path]
    let file = folder.appending(path: "job.sh")
    try Data(try script.text.utf8).write(to: file)
    let log = folder.appending(path: "log")
    let child = try ChildProcess(
      "/bin/bash", [file.path],
      environment: ["PATH": "\(bin.path):/usr/bin:/bin", "SLURM_JOB_ID": "77"], output: log)
    // Even after a failure: the stand-in would run forever.
    defer { kill(-child.identifier, SIGKILL) }
    waitUntil { FileManager.default.fileExists(atPath: ready) }
    child.send(signal == "USR1" ? SIGUSR1 : SIGTERM)
    waitUntil { child.poll() != nil }
    #expect(child.poll() == .status(Int32(status)))
    #expect(try String(contentsOf: log, encoding: .utf8) == printed)
  }

  @Test func memoryGrowsWithWhatIsTrained() {
    func stage(_ patch: [Int]) -> StagePlan {
      StagePlan(
        batchSize: 2, poolCounts: [1, 1, 1], patchSize: patch, medianSize: patch,
        spacing: [1, 1, 1], originalSpacing: [1, 1, 1], usesDummy2DAugmentation: false,
        poolStrides: [[2, 2, 2]], convolutionKernels: [[3, 3, 3], [3, 3, 3]])
    }
    func memory(_ patch: [Int], onGPU: Bool) -> Int {
      JobResources.memory(
        for: stage(patch), channels: 1, baseFeatures: 32, onGPU: onGPU, threads: 8)
    }
    #expect(memory([32, 32, 32], onGPU: false) < memory([128, 128, 128], onGPU: false))
    #expect((8...16).contains(memory([128, 128, 128], onGPU: false)))
    #expect(memory([128, 128, 128], onGPU: true) < memory([128, 128, 128], onGPU: false))
  }
}
