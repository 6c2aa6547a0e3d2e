import Foundation
import TestSupport
import Testing

/// Preparations that are really killed continue where they stopped.
@Suite struct KilledPreparationTests {
  @Test func finishedCasesAreKeptAndTheResultIsTheSame() throws {
    let task = try TinyTask(trainingCases: 120)
    let plan = ["nnUNet_plan_and_preprocess", "-t", "99", "-pl2d", "None", "-tl", "1", "-tf", "1"]
    let data = task.preprocessed.appending(path: "nnUNetData_plans_v2.1_stage0")
    let killed = try task.program.start(plan)
    waitUntil { !killed.isRunning || names(in: data, ".json").count >= 5 }
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    let before = numbers(in: data)
    #expect(before.count >= 5)

    try task.program.run(plan).expectSuccess()
    let after = numbers(in: data)
    #expect(after.count == 120)
    #expect(before.allSatisfy { after[$0.key] == $0.value }, "finished cases are not made again")
    for folder in [data, task.base.appending(path: "raw/nnUNet_cropped_data/\(TinyTask.name)")] {
      #expect(names(in: folder, ".tmp") == [])
    }

    var other = task.program
    other.environment["nnUNet_preprocessed"] = task.base.appending(path: "other").path
    try other.run(plan + ["--overwrite"]).expectSuccess()
    let whole = task.base.appending(path: "other/\(TinyTask.name)/\(data.lastPathComponent)")
    let arrays = names(in: whole, ".npy")
    #expect(arrays.count == 240 && arrays == names(in: data, ".npy"))
    for name in arrays {
      #expect(
        try Data(contentsOf: data.appending(path: name))
          == Data(contentsOf: whole.appending(path: name)))
    }
  }

  private func names(in folder: URL, _ ending: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(ending) }.sorted()
  }

  /// The inode of the metadata of each case.
  private func numbers(in folder: URL) -> [String: UInt64] {
    Dictionary(
      uniqueKeysWithValues: names(in: folder, ".json").map { name in
        var status = stat()
        _ = stat(folder.appending(path: name).path, &status)
        return (name, UInt64(status.st_ino))
      })
  }
}
