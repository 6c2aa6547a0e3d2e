import Foundation
import TestSupport
import Testing

/// One network trained by several processes, started like a user does.
@Suite(.serialized) struct ParallelTrainingTests {
  private static func train(_ task: TinyTask, _ command: String, _ more: [String]) -> [String] {
    [
      command, "2d", "nnUNetTrainerV2", "99", "0", "--iterations-per-epoch", "4",
      "--val-iterations", "2", "--batch-size", "4", "--threads", "1", "--seed", "3",
    ] + more
  }

  private func fold(of task: TinyTask) -> URL {
    task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1/fold_0")
  }

  @Test func twoDevicesTrainValidateAndPredict() throws {
    let task = try TinyTask(testCases: 1)
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let outcome = try program.run(
      Self.train(task, "nnUNet_train_DP", ["-gpus", "2", "--dbs", "--epochs", "2"]))
    outcome.expectSuccess()
    #expect(outcome.output.contains("2 processes over gloo"))
    let files = try FileManager.default.contentsOfDirectory(
      atPath: fold(of: task).appending(path: "validation_raw").path)
    #expect(files.count { $0.hasSuffix(".nii.gz") } == 2, "both processes' cases: \(files)")
    #expect(files.contains("summary.json"))
    // The model needs no change to be used.
    try program.run([
      "nnUNet_predict", "-i", task.task.appending(path: "imagesTs").path, "-o",
      task.base.appending(path: "out").path, "-t", "99", "-m", "2d", "-f", "0",
    ]).expectSuccess()
  }

  @Test func aLostProcessIsNamedAndTheTrainingGoesOn() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let train = Self.train(
      task, "nnUNet_train_DDP",
      ["--devices", "2", "--epochs", "400", "--disable_validation_inference"])
    let errors = task.base.appending(path: "errors.txt")
    try Data().write(to: errors)
    let running = Process()
    running.executableURL = Program.executable
    running.arguments = train
    running.environment = program.environment
    running.standardOutput = FileHandle.nullDevice
    running.standardError = try FileHandle(forWritingTo: errors)
    try running.run()
    let latest = fold(of: task).appending(path: "model_previous.safetensors")
    waitUntil { !running.isRunning || FileManager.default.fileExists(atPath: latest.path) }
    let second = try #require(try process(ofRank: 1, results: task.base.path))
    kill(second, SIGKILL)
    let killed = ContinuousClock.now
    running.waitUntilExit()
    #expect(ContinuousClock.now - killed < .seconds(60), "the others end within a minute")
    #expect(running.terminationStatus == 1)
    let text = try String(contentsOf: errors, encoding: .utf8)
    #expect(text.contains("error: Rank 1 ("), "\(text)")
    #expect(text.contains("Rank 1 of 2 was ended by signal 9"), "\(text)")

    // With another number of processes, and with one.
    for (devices, epochs, goOn) in [("3", 60, "--continue-or-begin"), ("1", 62, "-c")] {
      let resumed = try program.run(
        Self.train(
          task, "nnUNet_train",
          [
            "--devices", devices, "--epochs", "\(epochs)", goOn, "--disable_validation_inference",
          ]))
      resumed.expectSuccess()
      #expect(resumed.output.contains("continuing from model_"))
      #expect(resumed.output.contains("epoch:  \(epochs - 1)"))
    }
  }

  @Test func whatCannotBeSharedIsRefused() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    try program.run(
      Self.train(task, "nnUNet_train", ["--devices", "5", "--dbs", "--epochs", "1"])
    ).expectFailure(naming: "A batch of 4 cannot be split among 5 processes")
    try program.run(Self.train(task, "nnUNet_train", ["--devices", "0"]))
      .expectFailure(status: 2, naming: "--devices must be at least 1")
    try program.run(Self.train(task, "nnUNet_train", ["--devices", "2", "--find_lr"]))
      .expectFailure(status: 2, naming: "--find_lr runs on one device")
  }

  /// The process with this rank among those that work for a results folder.
  private func process(ofRank rank: Int, results: String) throws -> pid_t? {
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let number = pid_t(name),
        let data = FileManager.default.contents(atPath: "/proc/\(number)/environ")
      else { continue }
      let variables = String(decoding: data, as: UTF8.self).split(separator: "\0")
      if variables.contains("RANK=\(rank)"),
        variables.contains(where: { $0.hasPrefix("RESULTS_FOLDER=\(results)") })
      {
        return number
      }
    }
    return nil
  }
}
