import Foundation
import Testing

/// The last lines of commands: which results are where, how good they are, and what comes next.
@Suite struct ClosingLineTests {
  private static let short = [
    "--epochs", "1", "--iterations-per-epoch", "1", "--val-iterations", "1", "--device", "cpu",
    "--seed", "1",
  ]

  /// The lines of the output, of which `count` are the last.
  private func last(_ count: Int, of outcome: Program.Outcome) -> [String] {
    outcome.expectSuccess()
    return outcome.output.split(separator: "\n").suffix(count).map(String.init)
  }

  private func isDice(_ text: Substring) -> Bool {
    Double(text).map { 0...1 ~= $0 } ?? (text == "nan")
  }

  /// Every command in a line can be typed as it is.
  @Test func eachCommandNamesTheNext() throws {
    let task = try TinyTask(trainingCases: 5, testCases: 2)
    let program = task.program
    var said = last(
      2, of: try program.run(["nnUNet_plan_and_preprocess", "-t", "99", "-pl3d", "None"]))
    #expect(
      said == [
        "planned and prepared \(TinyTask.name) in \(task.preprocessed.path)",
        "next: nnUNet_run 99, or one fold: nnUNet_train 2d nnUNetTrainerV2 99 0",
      ])
    let model = task.base.appending(
      path: "results/nnUNet/2d/\(TinyTask.name)/nnUNetTrainerV2__nnUNetPlansv2.1")
    for fold in 0..<5 {
      let next = try #require(said.last?.components(separatedBy: "one fold: ").last)
      let command = (next.hasPrefix("next: ") ? String(next.dropFirst(6)) : next)
        .split(separator: " ").map(String.init)
      #expect(command == ["nnUNet_train", "2d", "nnUNetTrainerV2", "99", "\(fold)"])
      let outcome = try program.run(command + Self.short)
      said = last(2, of: outcome)
      #expect(said.first == "wrote \(model.path)/fold_\(fold)")
      // The fold's Dice, with the label's name in dataset.json.
      let dice = outcome.output.split(separator: "\n").compactMap { line in
        line.range(of: "validation: Dice ").map { line[$0.upperBound...] }
      }
      #expect(dice.count == 1 && dice[0].hasSuffix(" (ball)"), "\(outcome.output)")
      #expect(dice.first?.split(separator: " ").first.map(isDice) == true, "\(dice)")
    }
    let select = "nnUNet_find_best_configuration -t 99 -m 2d --disable_ensembling"
    #expect(said.last == "next: \(select)")

    let selected = try program.run(select.split(separator: " ").map(String.init))
    #expect(
      last(1, of: selected)
        == ["wrote \(task.base.path)/results/nnUNet/ensembles/\(TinyTask.name)"])
    #expect(selected.output.contains("best for \(TinyTask.name): 2d, Dice "))
    #expect(selected.output.contains(" (ball)"))
    let output = task.base.appending(path: "out")
    let typed = try #require(
      selected.output.split(separator: "\n").first { $0.hasPrefix("nnUNet_predict ") })
    let predict = typed.split(separator: " ").map { word in
      switch word {
      case "FOLDER_WITH_TEST_CASES": task.task.appending(path: "imagesTs").path
      case "OUTPUT_FOLDER_MODEL1": output.path
      default: String(word)
      }
    }
    said = last(1, of: try program.run(predict + ["--disable_tta", "--device", "cpu"]))
    #expect(said[0].hasPrefix("wrote \(output.path) in ") && said[0].hasSuffix(" s"), "\(said)")
    said = last(
      2,
      of: try program.run([
        "nnUNet_evaluate_folder", "-ref", task.task.appending(path: "labelsTs").path, "-pred",
        output.path, "-l", "1",
      ]))
    #expect(
      said == [
        "wrote \(output.path)/summary.json and summary.csv", "next: nnUNet_report \(output.path)",
      ])
    try program.run(["nnUNet_report", output.path]).expectSuccess()
    said = last(
      1,
      of: try program.run([
        "nnUNet_determine_postprocessing", "-t", "99", "-m", "2d", "--threads", "1",
      ]))
    #expect(said == ["wrote \(model.path)/postprocessing.json"])
  }
}
