import Foundation
import ModelExchange
import Plans
import Testing

/// `nnUNet_plan_and_preprocess`, run like a user does.
@Suite struct PlanningCommandTests {
  @Test func phantomTasksGetTheConfigurationsOneExpects() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let outcome = try Program().run(
      URL(fileURLWithPath: "/bin/bash"),
      [root.appending(path: "Benchmarks/phantom-tasks").path, Program.executable.path])
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.output.contains("All four tasks have the expected configurations."))
  }

  @Test func plansOfV1AreTakenOver() throws {
    let task = try TinyTask()
    let plan = ["nnUNet_plan_and_preprocess", "-t", "99", "-no_pp"]
    try task.program.run(plan + ["-pl2d", "None"]).expectSuccess()
    let folder = task.base.appending(path: "preprocessed/\(TinyTask.name)")
    let own = try ExperimentPlans.read(
      from: folder.appending(path: "nnUNetPlansv2.1_plans_3D.json"))
    var other = own
    other.stages[0]?.batchSize = 5
    let pickle = task.base.appending(path: "other_plans_3D.pkl")
    try V1Model.write(other, to: pickle)
    let foreign = ["-overwrite_plans", pickle.path, "-overwrite_plans_identifier", "OTHER"]
    try task.program.run(plan + foreign).expectSuccess()
    let taken = try ExperimentPlans.read(
      from: folder.appending(path: "nnUNetPlans_pretrained_OTHER_plans_3D.json"))
    #expect(taken.stages[0]?.batchSize == 5)
    #expect(taken.dataIdentifier == "nnUNetData_pretrained_OTHER")
    // Every broken rule of an edited file is named.
    other.stages[0]?.batchSize = 0
    other.transposeForward = [0, 0, 1]
    try V1Model.write(other, to: pickle)
    try task.program.run(plan + foreign).expectFailure(
      naming: "batch_size must be 1 to 1000000", "transpose_forward must hold 0, 1 and 2")
  }

  @Test func aTaskThatV1PreparedIsLeftAlone() throws {
    let task = try TinyTask()
    try task.program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-no_pp"]).expectSuccess()
    let json = task.preprocessed.appending(path: "nnUNetPlansv2.1_plans_3D.json")
    let pickle = task.preprocessed.appending(path: "nnUNetPlansv2.1_plans_3D.pkl")
    try V1Model.write(ExperimentPlans.read(from: json), to: pickle)
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: task.preprocessed.path)
    where name != pickle.lastPathComponent {
      try files.removeItem(at: task.preprocessed.appending(path: name))
    }
    for command in [
      ["nnUNet_plan_and_preprocess", "-t", "99"],
      ["nnUNet_train", "3d_fullres", "nnUNetTrainerV2", "99", "0"],
    ] {
      try task.program.run(command).expectFailure(
        naming: "nnUNetPlansv2.1_plans_3D.pkl",
        "nnUNet_import_v1_preprocessed -i \(task.preprocessed.path)")
    }
    #expect(
      try files.contentsOfDirectory(atPath: task.preprocessed.path) == [pickle.lastPathComponent])
  }

  @Test func aRunThatIsRepeatedKeepsAndRepairs() throws {
    let task = try TinyTask()
    let plan = ["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]
    try task.program.run(plan + ["--compress"]).expectSuccess()
    let folder = task.base.appending(
      path: "preprocessed/\(TinyTask.name)/nnUNetData_plans_v2.1_2D_stage0")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let file = folder.appending(path: try #require(names.first { $0.hasSuffix(".chunks") }))
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: file)
    let repaired = try task.program.run(plan + ["--compress"])
    repaired.expectSuccess()
    #expect(repaired.errors.contains("is damaged and will be prepared again: \(file.path)"))
    let quiet = try task.program.run(plan + ["--compress"])
    quiet.expectSuccess()
    #expect(!quiet.errors.contains("damaged"))
    try task.program.run(
      [
        "nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0", "--device", "cpu", "--epochs", "1",
        "--iterations-per-epoch", "1", "--val-iterations", "1", "--batch-size", "2",
        "--disable_validation_inference",
      ]
    ).expectSuccess()
  }
}
