import Foundation
import HostSystem
import TestSupport
import Testing

/// Trainings that are really killed, as by batch systems and power cuts.
@Suite struct KilledTrainingTests {
  @Test func fourEpochsEqualTwoThenKillThenTwo() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let train = [
      "nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0", "--epochs", "4",
      "--iterations-per-epoch", "4", "--val-iterations", "2", "--batch-size", "2", "--device",
      "cpu", "--threads", "1", "--seed", "3", "--disable_validation_inference",
    ]
    let fold = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1/fold_0")
    let final = fold.appending(path: "model_final_checkpoint.safetensors")
    try program.run(train).expectSuccess()
    let expected = try Data(contentsOf: final)
    try FileManager.default.removeItem(at: fold)

    // The second checkpoint makes the first one the previous one. The kill may come too late: two
    // epochs are short for a test that waits for a processor.
    var wasKilled = false
    for _ in 0..<10 where !wasKilled {
      try? FileManager.default.removeItem(at: fold)
      let killed = try program.start(train)
      waitUntil { exists(fold.appending(path: "model_previous.safetensors")) || !killed.isRunning }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      wasKilled = killed.terminationReason == .uncaughtSignal && !exists(final)
    }
    #expect(wasKilled)
    // The kill leaves temporary files if it happens while one is written.
    let others = Leftover.all(in: fold)
    #expect(others.allSatisfy { $0.state == .abandoned })
    // From a run that was killed while writing; with a name of an earlier version, which is old
    // enough.
    let leftover = fold.appending(path: ".model_pending.safetensors.0123ABCD.tmp")
    try Data(count: 1000).write(to: leftover)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: leftover.path)

    let stopped = try program.start(train + ["-c"])
    waitUntil { logs(in: fold).contains("continuing from") || !stopped.isRunning }
    kill(stopped.processIdentifier, SIGTERM)
    stopped.waitUntilExit()
    // Whether the signal came before the end is a matter of chance; the weights are not.
    if stopped.terminationStatus != 0 { try program.run(train + ["-c"]).expectSuccess() }
    #expect(try Data(contentsOf: final) == expected, "bit for bit")
    #expect(!exists(leftover))
    let bytes = 1000 + others.reduce(0) { $0 + $1.bytes }
    let files = countText(1 + others.count, "file")
    #expect(logs(in: fold).contains("removed \(bytes) bytes in \(files) that killed runs had left"))
  }

  @Test func signalsSaveAndEnd() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let running = try program.start([
      "nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0", "--epochs", "500",
      "--iterations-per-epoch", "50", "--val-iterations", "1", "--batch-size", "2", "--device",
      "cpu", "--threads", "1", "--checkpoint-every", "500", "--disable_validation_inference",
    ])
    let fold = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1/fold_0")
    let latest = fold.appending(path: "model_latest.safetensors")
    waitUntil { logs(in: fold).contains("epoch:  0") || !running.isRunning }
    #expect(!exists(latest))
    kill(running.processIdentifier, SIGUSR1)
    waitUntil { logs(in: fold).contains("SIGUSR1") || !running.isRunning }
    #expect(exists(latest) && running.isRunning, "the training continues")
    kill(running.processIdentifier, SIGINT)
    running.waitUntilExit()
    #expect(running.terminationReason == .exit && running.terminationStatus == 1)
    #expect(logs(in: fold).contains("and ended: SIGINT"))
    #expect(exists(fold.appending(path: "model_previous.safetensors")))
  }

  @Test func aSecondTrainingIsRefused() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let train = [
      "nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0", "--epochs", "500",
      "--iterations-per-epoch", "50", "--val-iterations", "1", "--batch-size", "2", "--device",
      "cpu", "--threads", "1", "--disable_validation_inference",
    ]
    let running = try program.start(train)
    let fold = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1/fold_0")
    waitUntil { logs(in: fold).contains("epoch:  0") || !running.isRunning }
    try program.run(train).expectFailure(naming: fold.path, "is running")
    kill(running.processIdentifier, SIGKILL)
    running.waitUntilExit()
  }

  private func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  private func logs(in folder: URL) -> String {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasPrefix("training_log") }
      .compactMap { try? String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined()
  }
}
