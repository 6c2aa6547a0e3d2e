import Arrays
import Foundation
import HostSystem
import Imaging
import TestSupport
import Testing

/// Mistakes of users, and the messages: the file or value concerned, and status 1.
@Suite struct BadInputTests {
  private func plan(_ task: TinyTask, _ more: String...) throws -> Program.Outcome {
    try task.program.run(["nnUNet_plan_and_preprocess", "-t", "99"] + more)
  }

  // MARK: The environment

  @Test(arguments: [
    (["plan_and_preprocess", "-t", "99"], "nnUNet_raw_data_base"),
    (["train", "2d", "nnUNetTrainerV2", "99", "0"], "nnUNet_preprocessed"),
    (["predict", "-i", ".", "-o", "out", "-t", "Task099_Ball"], "RESULTS_FOLDER"),
    (["convert_decathlon_task", "-i", "Task01_X"], "nnUNet_raw_data_base"),
  ])
  func unsetVariable(arguments: [String], variable: String) throws {
    let folder = try temporaryFolder()
    for name in ["imagesTr", "labelsTr", "imagesTs"] {
      try makeFolder(at: folder.appending(path: "Task01_X/\(name)"))
    }
    try Data("{}".utf8).write(to: folder.appending(path: "Task01_X/dataset.json"))
    try Program(folder: folder).run(arguments).expectFailure(
      naming: variable, "export \(variable)=")
  }

  @Test func nonsenseForTheNumberOfThreads() throws {
    var program = try TinyTask().program
    for value in ["many", "0", "-1", "65537", "9223372036854775807", "9223372036854775808"] {
      program.environment["nnUNet_def_n_proc"] = value
      try program.run(["plan_and_preprocess", "-t", "99"]).expectFailure(
        status: 2, naming: "nnUNet_def_n_proc", "'\(value)'")
    }
  }

  // MARK: Tasks and models that do not exist

  @Test func unknownTask() throws {
    let task = try TinyTask()
    let outcome = try task.program.run(["plan_and_preprocess", "-t", "123"])
    outcome.expectFailure(naming: "123", task.task.deletingLastPathComponent().path)
  }

  @Test func noTaskAtAll() throws {
    try TinyTask().program.run(["plan_and_preprocess", "-t", "hippocampus"])
      .expectFailure(naming: "'hippocampus'", "Task")
  }

  @Test func missingModel() throws {
    let task = try TinyTask()
    try task.program.run(
      ["predict", "-i", task.task.appending(path: "imagesTr").path, "-o", "out", "-t", "99"]
    ).expectFailure(naming: "3d_fullres/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1")
  }

  @Test func trainingWithoutPreprocessing() throws {
    try TinyTask().program.run(["train", "2d", "nnUNetTrainerV2", "99", "0"])
      .expectFailure(naming: "nnUNetPlansv2.1_plans_2D.json", "nnUNet_plan_and_preprocess")
  }

  // MARK: The task's files

  @Test func missingDescription() throws {
    let task = try TinyTask()
    try FileManager.default.removeItem(at: task.task.appending(path: "dataset.json"))
    try plan(task).expectFailure(naming: "dataset.json", task.task.path)
  }

  @Test func brokenDescription() throws {
    let task = try TinyTask()
    let file = task.task.appending(path: "dataset.json")
    try Data("{\n  \"name\": \"Ball\",\n  \"labels\": {".utf8).write(to: file)
    try plan(task).expectFailure(naming: file.path, "line 3")
    try Data("{\"name\": \"Ball\"}".utf8).write(to: file)
    try plan(task).expectFailure(naming: file.path, "modality")
  }

  @Test(arguments: [[], ["--verify_dataset_integrity"]])
  func labelWithoutImage(options: [String]) throws {
    let task = try TinyTask()
    try FileManager.default.removeItem(at: task.image(2))
    try task.program.run(["plan_and_preprocess", "-t", "99"] + options)
      .expectFailure(naming: task.image(2).lastPathComponent)
  }

  @Test(arguments: [[], ["--verify_dataset_integrity"]])
  func labelsOfAnotherShape(options: [String]) throws {
    let task = try TinyTask()
    let labels = DenseArray<UInt8>(shape: [20, 24, 21], filledWith: 1)
    try NIfTIFile.write(
      LabelVolume(labels: labels, geometry: TinyTask.geometry), to: task.label(3))
    try task.program.run(["plan_and_preprocess", "-t", "99"] + options).expectFailure(
      naming: task.label(3).lastPathComponent, "20×24×21", "20×24×22")
  }

  @Test func truncatedImage() throws {
    let task = try TinyTask()
    let whole = try Data(contentsOf: task.image(1))
    try whole.prefix(whole.count / 2).write(to: task.image(1))
    try plan(task).expectFailure(naming: task.image(1).lastPathComponent)
  }

  @Test func imageThatClaimsToBeHuge() throws {
    let task = try TinyTask()
    var header = Data(count: 400)
    func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
      withUnsafeBytes(of: value.littleEndian) {
        header.replaceSubrange(offset..<offset + $0.count, with: $0)
      }
    }
    put(Int32(348), at: 0)
    for (index, extent) in [Int16(3), 2000, 2000, 1200].enumerated() {
      put(extent, at: 40 + 2 * index)
    }
    put(Int16(16), at: 70)
    put(Int16(32), at: 72)
    for index in 0..<4 { put(Float(1).bitPattern, at: 76 + 4 * index) }
    put(Float(352).bitPattern, at: 108)
    header.replaceSubrange(344..<348, with: Data("n+1\0".utf8))
    try FileManager.default.removeItem(at: task.image(0))
    try header.write(to: task.image(0))
    try plan(task).expectFailure(naming: task.image(0).lastPathComponent)
  }

  @Test(arguments: [[], ["--verify_dataset_integrity"]])
  func imageWithNaN(options: [String]) throws {
    let task = try TinyTask()
    var volume = try NIfTIFile.readVolume(at: task.image(4))
    volume.voxels.scalars[77] = .nan
    try NIfTIFile.write(volume, to: task.image(4))
    try task.program.run(["plan_and_preprocess", "-t", "99"] + options).expectFailure(
      naming: task.image(4).lastPathComponent, "NaN")
  }

  @Test func labelThatIsNoInteger() throws {
    let task = try TinyTask()
    let voxels = DenseArray<Float>(shape: TinyTask.shape, filledWith: 0.5)
    try NIfTIFile.write(Volume(voxels: voxels, geometry: TinyTask.geometry), to: task.label(0))
    try plan(task).expectFailure(naming: task.label(0).lastPathComponent, "0.5")
  }

  // MARK: Places that cannot be written

  @Test func unwritableOutput() throws {
    let task = try TinyTask()
    let file = task.base.appending(path: "file")
    try Data().write(to: file)
    var program = task.program
    // Nobody can create a folder inside a file, not even root.
    program.environment["nnUNet_preprocessed"] = file.appending(path: "below").path
    try program.run(["plan_and_preprocess", "-t", "99"]).expectFailure(
      naming: "Cannot write", file.path)
  }

  // MARK: Evaluation

  @Test func predictionsAndReferencesThatDoNotFit() throws {
    let task = try TinyTask()
    let labels = task.task.appending(path: "labelsTr")
    let predictions = task.base.appending(path: "predictions")
    try FileManager.default.copyItem(at: labels, to: predictions)
    try FileManager.default.removeItem(
      at: predictions.appending(path: task.label(5).lastPathComponent))
    let arguments = ["evaluate_folder", "-ref", labels.path, "-pred", predictions.path]
    try task.program.run(arguments + ["-l", "1"]).expectFailure(
      naming: task.label(5).lastPathComponent)
    try task.program.run(arguments).expectFailure(status: 2, naming: "-l")
  }
}
