import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

/// Whole commands with values in their files and flags that no person would write: each ends with a status
/// and a message, none by a signal, and none hangs.
@Suite(.serialized) struct CommandFuzzTests {
  /// The replacements for a number.
  static let values = [
    "0", "-1", "1e-30", "1e9", "1e30", "1e400", "9223372036854775807", "-9223372036854775808",
    "4611686018427387904", "18446744073709551615", "0.5", "\"text\"", "null", "[]", "{}", "true",
  ]

  /// How a command with a time limit of two minutes ended; nil if it did not end.
  private func end(
    _ program: Program, _ arguments: [String]
  ) throws -> (reason: Process.TerminationReason, status: Int32)? {
    let process = try program.start(arguments)
    guard waitUntil({ !process.isRunning }) else {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      return nil
    }
    return (process.terminationReason, process.terminationStatus)
  }

  private func expectAnEnd(_ program: Program, _ arguments: [String], _ what: String) throws {
    guard let end = try end(program, arguments) else {
      Issue.record("\(arguments[0]) does not end: \(what)")
      return
    }
    #expect(
      end.reason == .exit && (0...2).contains(end.status),
      "\(arguments[0]) ends by \(end.reason == .exit ? "status" : "signal") \(end.status): \(what)")
  }

  /// The places of the numbers in a JSON text.
  private func numbers(in text: [UInt8]) -> [Range<Int>] {
    var (places, index, isQuoted) = ([Range<Int>](), 0, false)
    let parts = Set("0123456789+-.eE".utf8)
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "\\") where isQuoted: index += 1
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard !isQuoted else { break }
        let end = text[index...].firstIndex { !parts.contains($0) } ?? text.count
        places.append(index..<end)
        index = end
        continue
      default: break
      }
      index += 1
    }
    return places
  }

  /// Runs a command with one number after the other replaced.
  private func replaceNumbers(
    of file: URL, times: Int, seed: UInt64, program: Program, arguments: [String]
  ) throws {
    let original = [UInt8](try Data(contentsOf: file))
    defer { try? Data(original).write(to: file) }
    let places = numbers(in: original)
    try #require(!places.isEmpty)
    var random = StreamRandom(seed: seed)
    for _ in 0..<times {
      let place = places[Int.random(in: 0..<places.count, using: &random)]
      let value = Self.values[Int.random(in: 0..<Self.values.count, using: &random)]
      var changed = original
      changed.replaceSubrange(place, with: Array(value.utf8))
      try Data(changed).write(to: file)
      let before = String(
        decoding: original[max(0, place.lowerBound - 60)..<place.upperBound], as: UTF8.self)
      try expectAnEnd(program, arguments, "\(file.lastPathComponent): \(value) for … \(before)")
    }
  }

  @Test func absurdValuesInFilesAreErrors() throws {
    let task = try TinyTask(trainingCases: 5, testCases: 1)
    let program = task.program
    try program.run(["nnUNet_plan_and_preprocess", "-t", "99"]).expectSuccess()
    try program.run([
      "nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0", "--epochs", "1", "--iterations-per-epoch",
      "1", "--val-iterations", "1", "--device", "cpu",
    ]).expectSuccess()
    let model = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1")
    let predict = [
      "nnUNet_predict", "-i", task.task.appending(path: "imagesTs").path, "-o",
      task.base.appending(path: "out").path, "-t", "99", "-m", "2d", "-f", "0", "--disable_tta",
      "--device", "cpu", "--overwrite_existing", "--accept-differences",
    ]
    // Unchanged files predict, so the failures below are caused by the changes.
    try program.run(predict).expectSuccess()
    try replaceNumbers(
      of: model.appending(path: "plans.json"), times: 24, seed: 1, program: program,
      arguments: predict)
    try replaceNumbers(
      of: model.appending(path: "network.json"), times: 12, seed: 2, program: program,
      arguments: predict)
    try replaceNumbers(
      of: task.task.appending(path: "dataset.json"), times: 8, seed: 4, program: program,
      arguments: ["nnUNet_plan_and_preprocess", "-t", "99", "-no_pp"])
  }

  @Test func absurdFlagsAreErrors() throws {
    let task = try TinyTask(trainingCases: 5, testCases: 0)
    let program = task.program
    let output = task.base.appending(path: "out").path
    for (command, flags) in [
      (
        [
          "nnUNet_make_phantoms", "-o", output, "-n", "2", "--test", "1", "--size", "20", "20",
          "20", "--overwrite",
        ],
        ["-n", "--test", "--noise", "--channels", "-p"]
      ),
      (
        ["nnUNet_plan_and_preprocess", "-t", "99"],
        ["--target-spacing", "-tl", "-tf", "--gpu-memory-target"]
      ),
      (
        ["nnUNet_train", "2d", "nnUNetTrainerV2", "99", "0"],
        ["--epochs", "--batch-size", "--iterations-per-epoch", "--threads", "--checkpoint-every"]
      ),
      (
        ["nnUNet_predict", "-i", output, "-o", output, "-t", "99"],
        ["--step_size", "--max-memory", "--num_parts", "--part_id"]
      ),
    ] {
      for flag in flags {
        for value in ["9223372036854775807", "-1", "1e-30", "1e30", "nan"] {
          let text = flag == "--target-spacing" ? "\(value),\(value),\(value)" : value
          try expectAnEnd(program, command + ["\(flag)=\(text)"], "\(flag)=\(text)")
        }
      }
    }
  }
}
