import Archives
import Foundation
import TestSupport
import Testing

/// Limits of the system: the size of files, the address space, the permissions of new files.
@Suite(.serialized) struct SystemLimitTests {
  private let training = [
    "nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0", "--epochs", "1", "--iterations-per-epoch",
    "1", "--val-iterations", "1", "--device", "cpu",
  ]

  /// Runs the program in a shell with a limit.
  private func run(
    _ program: Program, _ limit: String, _ arguments: [String]
  ) throws -> Program.Outcome {
    try program.run(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "\(limit) && exec \"$0\" \"$@\"", Program.executable.path] + arguments)
  }

  private func predict(_ task: TinyTask, _ more: String...) -> [String] {
    [
      "nnUNet_predict", "-i", task.task.appending(path: "imagesTs").path, "-o",
      task.base.appending(path: "out").path, "-t", "99", "-m", "2d", "-f", "0", "--disable_tta",
      "--device", "cpu",
    ] + more
  }

  private func trained(testCases: Int = 1) throws -> TinyTask {
    let task = try TinyTask(trainingCases: 5, testCases: testCases)
    try task.program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"])
      .expectSuccess()
    try task.program.run(training).expectSuccess()
    return task
  }

  /// `ulimit -f`: the system's signal would end the program without a word.
  @Test func aLimitOfFileSizesIsReportedLikeAFullDisk() throws {
    let task = try TinyTask()
    let plan = ["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None", "-tl", "1", "-tf", "1"]
    // Prepared cases take more than 16 blocks of 512 or 1024 bytes; the output does not.
    let outcome = try run(task.program, "ulimit -f 16", plan)
    outcome.expectFailure(naming: "File too large")
    #expect(!outcome.errors.contains("SIG"))
    // No partial files remain, and without the limit, the same command continues.
    let files = try FileManager.default.subpathsOfDirectory(
      atPath: task.base.appending(path: "preprocessed").path)
    #expect(files.filter { $0.hasSuffix(".tmp") } == [])
    try task.program.run(plan).expectSuccess()
  }

  /// `ulimit -v`: libtorch crashes if the address space is exhausted while it starts.
  @Test func aSmallAddressSpaceIsNamedBeforeLibtorchStarts() throws {
    let task = try trained()
    let overwriting = training + ["--overwrite-training"]
    for arguments in [overwriting, predict(task), ["nnUNet_doctor"]] {
      let outcome = try run(task.program, "ulimit -v 2000000", arguments)
      #expect(outcome.status == 1, "\(arguments[0]): \(outcome.status) \(outcome.errors)")
      let text = outcome.output + outcome.errors
      #expect(text.contains("ulimit -v"), "\(arguments[0]): \(text)")
    }
    // The existing training is not lost.
    try task.program.run(predict(task)).expectSuccess()
  }

  /// Batches that do not fit into memory are refused before a fold's folder is created.
  @Test func batchesThatDoNotFitTheMemoryAreRefused() throws {
    let task = try TinyTask(trainingCases: 5)
    try task.program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"])
      .expectSuccess()
    try task.program.run(training + ["--batch-size", "1000000000"])
      .expectFailure(status: 2, naming: "--batch-size must be 1 to 1000000, not 1000000000")
    // Within the allowed numbers: hundreds of GB.
    try task.program.run(training + ["--batch-size", "1000000"])
      .expectFailure(naming: "not enough memory for batches of 1000000 patches", "--batch-size")
    #expect(!FileManager.default.fileExists(atPath: task.base.appending(path: "results").path))
  }

  /// A file of 4 MB that really contains 4 GB is an error of its case only.
  @Test func gigabytesInASmallFileAreOneCasesError() throws {
    let task = try trained(testCases: 2)
    let images = task.task.appending(path: "imagesTs")
    let huge = images.appending(path: "huge_0000.nii.gz")
    try writeZeros(4 << 30, extents: [2048, 2048, 1024], to: huge)
    let size = try FileManager.default.attributesOfItem(atPath: huge.path)[.size] as? Int
    #expect(try #require(size) < 16 << 20)
    let outcome = try task.program.run(predict(task, "--max-memory", "2"))
    outcome.expectFailure(naming: "huge", "1 of 3 cases was not predicted")
    #expect(outcome.errors.components(separatedBy: "huge cannot be predicted").count == 2)
    for name in ["new_0", "new_1"] {
      let file = task.base.appending(path: "out/\(name).nii.gz")
      #expect(FileManager.default.fileExists(atPath: file.path))
    }
    // With limited memory; planning and evaluation need no libtorch.
    let labels = task.task.appending(path: "labelsTs")
    let predictions = task.base.appending(path: "predictions")
    try FileManager.default.copyItem(at: labels, to: predictions)
    for folder in [labels, predictions] {
      try FileManager.default.copyItem(at: huge, to: folder.appending(path: "huge.nii.gz"))
    }
    let evaluated = try run(
      task.program, "ulimit -v 3000000",
      [
        "nnUNet_evaluate_folder", "-ref", labels.path, "-pred", predictions.path, "-l", "1",
        "--no-distances", "--threads", "1",
      ])
    evaluated.expectFailure(naming: "huge.nii.gz", "not enough memory")
    #expect(!evaluated.errors.contains("new_0"))
    try FileManager.default.copyItem(
      at: huge,
      to: task.image(1).deletingLastPathComponent()
        .appending(path: "copy"))
    try FileManager.default.removeItem(at: task.image(1))
    try FileManager.default.moveItem(
      at: task.image(1).deletingLastPathComponent().appending(path: "copy"), to: task.image(1))
    let planned = try run(
      task.program, "ulimit -v 3000000",
      ["nnUNet_plan_and_preprocess", "-t", "99", "-no_pp", "-tf", "1", "-tl", "1", "--overwrite"])
    planned.expectFailure(naming: task.image(1).lastPathComponent, "not enough memory")
  }

  /// Writes a compressed image of zeros: many streams one after the other, each of 64 MB.
  private func writeZeros(_ count: Int, extents: [Int], to url: URL) throws {
    var header = Data(count: 352)
    func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
      withUnsafeBytes(of: value.littleEndian) {
        header.replaceSubrange(offset..<offset + $0.count, with: $0)
      }
    }
    put(Int32(348), at: 0)
    put(Int16(3), at: 40)
    for (axis, extent) in extents.enumerated() { put(Int16(extent), at: 42 + 2 * axis) }
    put(Int16(2), at: 70)
    put(Int16(8), at: 72)
    for index in 0..<4 { put(Float(1).bitPattern, at: 76 + 4 * index) }
    put(Float(352).bitPattern, at: 108)
    header.replaceSubrange(344..<348, with: Data("n+1\0".utf8))
    let folder = try temporaryFolder()
    try header.write(to: folder.appending(path: "header"))
    let pieces = count / (64 << 20)
    let script = """
      set -e
      head -c \(64 << 20) /dev/zero | gzip -n > piece.gz
      gzip -n -c header > whole.gz
      i=0; while [ $i -lt \(pieces) ]; do cat piece.gz; i=$((i + 1)); done >> whole.gz
      """
    let outcome = try Program(folder: folder).run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", script])
    try #require(outcome.status == 0, "\(outcome.errors)")
    try FileManager.default.moveItem(at: folder.appending(path: "whole.gz"), to: url)
  }

  /// The umask determines who may read new files, including executable scripts.
  @Test(arguments: [0o027, 0o077, 0o002])
  func newFilesAndScriptsFollowTheUmask(mask: Int) throws {
    let task = try TinyTask(trainingCases: 5)
    let limit = "umask \(String(mask, radix: 8))"
    try run(
      task.program, limit, ["nnUNet_plan_and_preprocess", "-t", "99", "-no_pp", "-pl3d", "None"]
    )
    .expectSuccess()
    for more in [["--kubernetes", "--image", "x", "--claim", "c"], ["--local", "--dry-run"]] {
      try run(task.program, limit, ["nnUNet_submit", "99", "-m", "2d", "-f", "0"] + more)
        .expectSuccess()
    }
    var executables = 0
    try download(into: task, limit)
    for folder in ["preprocessed", "results"] {
      let base = task.base.appending(path: folder)
      let paths = try FileManager.default.subpathsOfDirectory(atPath: base.path)
      #expect(!paths.isEmpty)
      for path in paths {
        let file = base.appending(path: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        let rights = try #require(attributes[.posixPermissions] as? Int)
        let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
        let isScript = path.hasSuffix("start.sh")
        executables += isScript ? 1 : 0
        let expected = (isFolder || isScript ? 0o777 : 0o666) & ~mask
        #expect(
          rights == expected,
          "\(path): \(String(rights, radix: 8)), expected \(String(expected, radix: 8))")
      }
    }
    #expect(executables == 1)
  }

  /// Downloads and installs a model of the smallest kind from a server on this machine.
  private func download(into task: TinyTask, _ limit: String) throws {
    let zip = task.base.appending(path: "model.zip")
    let model = "2d/Task004_X/nnUNetTrainerV2__nnUNetPlansv2.1"
    let writer = try ZipWriter(to: zip)
    for name in ["plans.pkl", "fold_0/model_final_checkpoint.model"] {
      try writer.add("\(model)/\(name)", Array("a model".utf8))
    }
    try writer.finish()
    let server = try FileServer(["/model.zip": .init(try Data(contentsOf: zip))])
    defer { server.stop() }
    try run(
      task.program, limit,
      ["nnUNet_download_pretrained_model_by_url", server.address + "/model.zip"]
    ).expectSuccess()
    let file = task.base.appending(path: "results/nnUNet/\(model)/plans.pkl")
    #expect(FileManager.default.fileExists(atPath: file.path))
  }
}
