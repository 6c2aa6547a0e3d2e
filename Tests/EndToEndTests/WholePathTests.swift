import Arrays
import Foundation
import Imaging
import Plans
import TestSupport
import Testing

/// From raw images to evaluated segmentations, like a user does.
@Suite struct WholePathTests {
  private static let short = [
    "--iterations-per-epoch", "8", "--val-iterations", "2", "--batch-size", "2", "--device", "cpu",
    "--seed", "1",
  ]

  @Test(arguments: ["2d", "3d_fullres"], [["--epochs", "2"]])
  func plansTrainsPredictsAndEvaluates(network: String, length: [String]) throws {
    let task = try TinyTask(trainingCases: 6, testCases: 2)
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "--verify_dataset_integrity"])
      .expectSuccess()
    #expect(exists(task.preprocessed.appending(path: "nnUNetPlansv2.1_plans_2D.json")))
    #expect(exists(task.preprocessed.appending(path: "nnUNetPlansv2.1_plans_3D.json")))

    let train = ["nnUNet_train", network, "nnUNetTrainerV2", "99", "0"] + length + Self.short
    try program.run(train).expectSuccess()
    let model = task.base.appending(
      path: "results/nnUNet/\(network)/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1")
    #expect(exists(model.appending(path: "fold_0/validation_raw/summary.json")))

    let images = task.task.appending(path: "imagesTs")
    let predictions = task.base.appending(path: "predictions")
    try program.run([
      "nnUNet_predict", "-i", images.path, "-o", predictions.path, "-t", "99", "-m", network,
      "-f", "0", "--device", "cpu",
    ]).expect(saying: "using the fold 0 (model_final_checkpoint)")
    for name in ["new_0", "new_1"] {
      let image = try NIfTIFile.readVolume(at: images.appending(path: "\(name)_0000.nii.gz"))
      let predicted = try NIfTIFile.readLabels(at: predictions.appending(path: "\(name).nii.gz"))
      #expect(predicted.labels.shape == image.voxels.shape)
      #expect(predicted.geometry == image.geometry)
      #expect(Set(predicted.labels.scalars).isSubset(of: [0, 1]))
    }

    try predictsAlikeOnSeveralDevices(task, network: network)

    let evaluation = try program.run([
      "nnUNet_evaluate_folder", "-ref", task.task.appending(path: "labelsTs").path,
      "-pred", predictions.path, "-l", "1",
    ])
    evaluation.expectSuccess()
    #expect(evaluation.output.contains("Dice"))
    #expect(exists(predictions.appending(path: "summary.json")))
  }

  /// Two devices, and two processes of a launcher, write the same files as one device.
  private func predictsAlikeOnSeveralDevices(_ task: TinyTask, network: String) throws {
    func predict(_ devices: [String], to name: String, rank: Int? = nil) throws -> URL {
      let output = task.base.appending(path: name)
      var program = task.program
      // Devices share the threads, and sums depend on their number.
      program.environment["OMP_NUM_THREADS"] = "1"
      if let rank {
        program.environment["RANK"] = String(rank)
        program.environment["WORLD_SIZE"] = "2"
      }
      let outcome = try program.run(
        [
          "nnUNet_predict", "-i", task.task.appending(path: "imagesTs").path, "-o", output.path,
          "-t", "99", "-m", network, "-f", "0", "-z",
        ] + devices)
      outcome.expectSuccess()
      if rank != nil {
        #expect(
          outcome.errors.contains("1 case, 1 of them")
            || outcome.output.contains("1 case, 1 of them"))
      }
      return output
    }
    let one = try predict(["--device", "cpu"], to: "one")
    let two = try predict(["--devices", "cpu,cpu"], to: "two")
    for rank in 0..<2 { _ = try predict(["--devices", "ranks"], to: "ranks", rank: rank) }
    for name in ["new_0", "new_1"] {
      for suffix in ["nii.gz", "npz"] {
        let expected = try Data(contentsOf: one.appending(path: "\(name).\(suffix)"))
        for folder in [two, task.base.appending(path: "ranks")] {
          #expect(
            try Data(contentsOf: folder.appending(path: "\(name).\(suffix)")) == expected,
            "\(folder.lastPathComponent) \(name).\(suffix)")
        }
      }
    }
  }

  @Test func goesOnWhereTrainingStopped() throws {
    let task = try TinyTask()
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]).expectSuccess()
    let train =
      ["nnUNet_train", "2d", "nnUNetTrainerV2", "99", "1"] + Self.short
      + ["--disable_validation_inference"]
    try program.run(train + ["--epochs", "1"]).expectSuccess()
    // An accidental second call does not lose finished work.
    try program.run(train + ["--epochs", "1"]).expectFailure(naming: "-c", "--overwrite-training")
    let resumed = try program.run(train + ["--epochs", "2", "-c"])
    resumed.expectSuccess()
    let fold = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1/fold_1")
    let logs = try FileManager.default.contentsOfDirectory(atPath: fold.path)
      .filter { $0.hasPrefix("training_log") }.sorted()
    #expect(!logs.isEmpty)

    let validated = try program.run(
      train.filter { $0 != "--disable_validation_inference" } + ["--epochs", "3", "-val"])
    validated.expectSuccess()
    #expect((validated.output + validated.errors).contains("is not used: ") == false)
    let model = fold.deletingLastPathComponent()
    let renamed = try program.run([
      "nnUNet_change_trainer_class", "-i", model.path, "-tr", "nnUNetTrainerV2_DP",
    ])
    renamed.expectSuccess()
    let text = renamed.output + renamed.errors
    #expect(text.contains("there is nothing to do. Predict with -tr nnUNetTrainerV2."), "\(text)")
    try program.run([
      "nnUNet_train", "3d_cascade_fullres", "nnUNetTrainerV2", "99", "0",
    ]).expectFailure(naming: "nnUNetTrainerV2CascadeFullRes")
  }

  private func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}
