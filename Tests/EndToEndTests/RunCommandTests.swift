import Arrays
import Foundation
import Imaging
import Plans
import TestSupport
import Testing

/// One command from raw images to predictions with the best models.
@Suite struct RunCommandTests {
  private let run = [
    "nnUNet_run", "99", "-f", "0", "1", "--epochs", "6", "--iterations-per-epoch", "4",
    "--val-iterations", "1", "--batch-size", "2", "--device", "cpu", "--threads", "1", "--seed",
    "1",
  ]

  @Test func goesOnAfterKillsAndLeavesModelsThatPredict() throws {
    let task = try TinyTask(trainingCases: 6, testCases: 3)
    let program = task.program
    let results = task.base.appending(path: "results/nnUNet")
    let first = results.appending(
      path: "2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1/fold_0")

    // The signal reaches the training, which saves a checkpoint.
    let killed = try program.start(run)
    waitUntil { exists(first.appending(path: "model_latest.safetensors")) || !killed.isRunning }
    kill(killed.processIdentifier, SIGTERM)
    killed.waitUntilExit()
    #expect(killed.terminationReason == .exit && killed.terminationStatus == 1)

    let plan = try program.run(run + ["--dry-run"])
    plan.expectSuccess()
    #expect(plan.output.contains("nnUNet_train 2d nnUNetTrainerV2 \(TinyTask.name) 1 "))
    #expect(!plan.output.contains("nnUNet_plan_and_preprocess"))
    try program.run(run).expectSuccess()
    let nothing = try program.run(run + ["--dry-run"])
    #expect(nothing.status == 0 && nothing.output.isEmpty, "\(nothing.output)")
    #expect(exists(results.appending(path: "ensembles/\(TinyTask.name)/selection.json")))

    let images = task.task.appending(path: "imagesTs")
    let output = task.base.appending(path: "predictions")
    let predict = [
      "nnUNet_predict", "-i", images.path, "-o", output.path, "-t", "99", "--device", "cpu",
    ]
    try program.run(predict).expectSuccess()
    #expect(segmentations(in: output) == ["new_0", "new_1", "new_2"])
    #expect(exists(output.appending(path: "postprocessing.json")))

    try choosePair(in: results.appending(path: "ensembles/\(TinyTask.name)"))
    for name in ["new_0", "new_2"] {
      try FileManager.default.removeItem(at: output.appending(path: "\(name).nii.gz"))
    }
    let kept = output.appending(path: "new_1.nii.gz")
    let date = try modificationDate(kept)
    try FileManager.default.moveItem(
      at: images.appending(path: "new_2_0000.nii.gz"),
      to: images.appending(path: "new_2_0001.nii.gz"))
    try program.run(predict).expectFailure(naming: "new_2", "new_2_0000.nii.gz is missing")
    #expect(segmentations(in: output) == ["new_0", "new_1"])
    #expect(try modificationDate(kept) == date, "what is there is not predicted again")
    #expect(!exists(output.appending(path: "ensemble_members")))
    let image = try NIfTIFile.readVolume(at: images.appending(path: "new_0_0000.nii.gz"))
    let labels = try NIfTIFile.readLabels(at: output.appending(path: "new_0.nii.gz"))
    #expect(labels.geometry == image.geometry && labels.labels.shape == image.voxels.shape)
    // By hand: both models, then their average and its postprocessing.
    for network in ["2d", "3d_fullres"] {
      try program.run([
        "nnUNet_predict", "-i", images.path, "-o", task.base.appending(path: network).path,
        "-t", "99", "-m", network, "-f", "0", "1", "--device", "cpu", "-z",
      ]).expectFailure(naming: "new_2")
    }
    let byHand = task.base.appending(path: "by-hand")
    try program.run([
      "nnUNet_ensemble", "-f", task.base.appending(path: "2d").path,
      task.base.appending(path: "3d_fullres").path, "-o", byHand.path,
      "-pp", output.appending(path: "postprocessing.json").path,
    ]).expectSuccess()
    #expect(
      try NIfTIFile.readLabels(at: byHand.appending(path: "new_0.nii.gz")).labels == labels.labels)
  }

  /// A killed process cannot inform its children; they end anyway, and the next call decides under
  /// the fold's lock whether there is something to continue from.
  @Test func theSameLineGoesOnAfterEveryKillAndNothingIsLeftAtWork() throws {
    let task = try TinyTask(trainingCases: 5)
    let program = task.program
    let line = [
      "nnUNet_run", "99", "-m", "2d", "-f", "0", "--epochs", "3", "--iterations-per-epoch", "3",
      "--val-iterations", "1", "--batch-size", "2", "--device", "cpu", "--threads", "1", "--seed",
      "1",
    ]
    let model = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1")
    let fold = model.appending(path: "fold_0")
    let moments: [() -> Bool] = [
      { exists(task.base.appending(path: "preprocessed/\(TinyTask.name)")) },
      { exists(fold.appending(path: ".lock")) },
      { exists(fold.appending(path: "model_latest.safetensors")) },
      { exists(fold.appending(path: "model_final_checkpoint.safetensors")) },
      { exists(fold.appending(path: "validation_raw/summary.json")) },
    ]
    for moment in moments {
      let killed = try program.start(line)
      waitUntil { moment() || !killed.isRunning }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
    }
    try program.run(line).expectSuccess()
    let nothing = try program.run(line + ["--dry-run"])
    #expect(nothing.status == 0 && nothing.output.isEmpty, "\(nothing.output)")
    #expect(exists(model.appending(path: "postprocessing.json")))

    // A long training also ends with its parent and keeps its checkpoint.
    try FileManager.default.removeItem(at: model)
    let long = line.map { $0 == "3" ? "5000" : $0 }
    let killed = try program.start(long)
    waitUntil { exists(fold.appending(path: "debug.json")) || !killed.isRunning }
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    #if os(Linux)
      waitUntil { processes(with: task.base).isEmpty }
      #expect(processes(with: task.base).isEmpty, "left at work")
      #expect(exists(fold.appending(path: "model_latest.safetensors")))
    #endif
  }

  #if os(Linux)
    /// The processes that work on a task, by a folder in their environment.
    private func processes(with folder: URL) -> [String] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.filter { Int($0) != nil && $0 != "self" }.filter { name in
        let variables = FileManager.default.contents(atPath: "/proc/\(name)/environ") ?? Data()
        return variables.range(of: Data("RESULTS_FOLDER=\(folder.path)/results".utf8)) != nil
      }
    }
  #endif

  @Test func namesWhatCannotBe() throws {
    let program = try TinyTask().program
    try program.run(["nnUNet_run", "99", "-m", "3d"]).expectFailure(status: 2, naming: "3d")
    try program.run(["nnUNet_run", "99", "-m", "3d_cascade_fullres"])
      .expectFailure(status: 2, naming: "3d_lowres")
    try program.run(["nnUNet_run", "99", "-p", "other"]).expectFailure(naming: "other", "99")
    try program.run(["nnUNet_run", "98"]).expectFailure(naming: "98")
  }

  /// Makes the ensemble the choice, whichever model is best.
  private func choosePair(in folder: URL) throws {
    let file = folder.appending(path: "selection.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    var choice = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    let candidates = try #require(choice["candidates"] as? [[String: Any]])
    let ensemble = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder.path)
        .first { $0.hasPrefix("ensemble_") })
    choice["members"] = candidates
    choice["ensemble"] = ensemble
    try JSONSerialization.data(withJSONObject: choice).write(to: file)
  }

  private func segmentations(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".nii.gz") }.map { String($0.dropLast(7)) }.sorted()
  }

  private func modificationDate(_ url: URL) throws -> Date? {
    try FileManager.default.attributesOfItem(atPath: url.path)[.modificationDate] as? Date
  }

  private func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}
