import ArgumentParser
import Evaluation
import Foundation
import HostSystem
import ModelSelection
import Plans
import Testing

@testable import Commands

/// Everything that is printed as a table or as help fits a terminal of 80 columns.
@Suite struct OutputWidthTests {
  private func expectFits(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for line in text.components(separatedBy: "\n") {
      #expect(line.count <= 80, "\(name): \(line)", sourceLocation: sourceLocation)
    }
  }

  @Test func helpFits() {
    for entry in CommandTable.all.entries {
      expectFits(Shell.fitting(entry.type.helpMessage(columns: 80)), entry.name)
    }
    expectFits(Shell(arguments: ["nnunet"], commands: .all).overview, "overview")
  }

  private func summary(labels: Int, distances: Bool) -> SegmentationSummary {
    let scores = Dictionary(
      uniqueKeysWithValues: (0..<labels).map { label in
        var values: [Metric: Double] = [.dice: 0.123_456, .precision: 0.9, .recall: 0.8]
        if distances {
          values[.hausdorffDistance95] = 123.456_789
          values[.averageSymmetricSurfaceDistance] = 12.345_678
          values[.normalizedSurfaceDice] = 0.987_654
        }
        return (label, LabelScores(values: values))
      })
    let cases = (0..<12).map { number in
      CaseScores(
        reference: "r", prediction: "/p/a_case_with_quite_a_long_name_\(number).nii.gz",
        labels: scores)
    }
    return SegmentationSummary(cases: cases)
  }

  @Test func evaluationsFit() {
    for labels in [2, 3, 100] {
      for distances in [false, true] {
        expectFits(summary(labels: labels, distances: distances).table, "\(labels) labels")
      }
    }
  }

  @Test func rankingsFit() {
    let models = Plans.Configuration.allCases.map {
      ModelIdentity(
        configuration: $0, trainer: "nnUNetTrainerV2CascadeFullRes_noConvolutionBias_momentum09",
        plans: "nnUNetPlansv2.1_trgSp_1x1x1")
    }
    let pairs = models.indices.flatMap { first in
      models.indices.filter { $0 > first }.map { [models[first], models[$0]] }
    }
    let candidates = (models.map { [$0] } + pairs).map { members in
      ConfigurationRanking.Candidate(
        name: "ensemble_" + members.map(\.name).joined(separator: "--"), members: members,
        summary: summary(labels: 3, distances: false), foldDice: [0.1, 0.2])
    }
    let table = ConfigurationRanking(candidates: candidates).table
    expectFits(table, "ranking")
    #expect(table.contains("ensemble of 3d_lowres and 3d_cascade_fullres"))
    #expect(!table.contains("nnUNetTrainer"))
  }

  @Test func wideTablesAreShownInParts() {
    let rows = (0..<3).map { row in ["row \(row)"] + (0..<6).map { "a cell of twenty \(row)\($0)" }
    }
    let lines = TextTable(rows).lines()
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.count { $0.hasPrefix("row 1") } == 2, "each part has the first column")
    for cell in rows.joined() { #expect(lines.contains { $0.contains(cell) }, "\(cell)") }
  }

  @Test func textIsBrokenAtSpaces() {
    let path = "/a/path/" + String(repeating: "x", count: 90)
    #expect(wrapped("wrote \(path) today", indent: "  ") == ["wrote", "  " + path, "  today"])
    #expect(wrapped("short") == ["short"])
    #expect(wrapped("") == [""])
    #expect(wrapped("a b c", columns: 3, indent: "") == ["a b", "c"])
  }

  /// A failed step says at its end why.
  @Test func whatIsTooLongLosesItsMiddle() {
    let error =
      "error: 'nnUNet_train 2d nnUNetTrainerV2 Task090_Phantoms 1 --epochs 6 --device cpu' was ended by"
      + " signal 9."
    let text = shortened(error, to: 60)
    #expect(text.count == 60)
    #expect(text.hasPrefix("error: 'nnUNet_train 2d") && text.hasSuffix("ended by signal 9."))
    #expect(shortened("short", to: 5) == "short" && shortened("short", to: 4) == "s…rt")
    #expect(shortened("short", to: 1) == "…" && shortened("short", to: 0) == "…")
  }

  @Test func diceHasTheNamesOfLabels() {
    let two = summary(labels: 3, distances: false)
    #expect(
      two.diceText(names: [1: "anterior"])
        == "mean Dice 0.1235 (anterior 0.1235, label 2 0.1235)")
    #expect(summary(labels: 2, distances: false).diceText(names: [:]) == "Dice 0.1235 (label 1)")
  }
}
