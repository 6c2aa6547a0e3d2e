import Evaluation
import Foundation
import ModelSelection
import Plans
import Testing

@testable import Reports

/// The sentence about the choice has the names and the order of the table next to it.
@Suite struct ChoiceSentenceTests {
  private let flat = ModelIdentity(
    configuration: .twoD, trainer: "nnUNetTrainerV2", plans: "nnUNetPlansv2.1")
  private let deep = ModelIdentity(
    configuration: .fullResolution, trainer: "nnUNetTrainerV2", plans: "nnUNetPlansv2.1")

  private func text(_ members: [ModelIdentity], _ dice: [(String, [ModelIdentity], Double)])
    -> String
  {
    let choice = ModelChoice(
      members: members, folds: [0, 1], dice: 0.9, ensemble: nil, postprocesses: true,
      candidates: [flat, deep])
    let best = dice.map(\.2).max()
    let rows = dice.map {
      SelectionPart.Row(
        name: $0.0, dice: $0.2, foldDeviation: 0, pValue: nil, isBest: $0.2 == best)
    }
    let results = dice.map { name, members, _ in
      var set = EvaluatedSet(
        name: name, summary: SegmentationSummary(cases: []), folder: URL(fileURLWithPath: "/"))
      set.members = members
      return set
    }
    return ChoiceSentence(choice, SelectionPart(rows: rows), results: results).text
  }

  @Test func namesTheChoiceAndWhatItWasMadeAmong() {
    let average = "ensemble of 2d and 3d_fullres"
    #expect(
      text(
        [flat, deep],
        [("2d", [flat], 0.8), ("3d_fullres", [deep], 0.7), (average, [flat, deep], 0.9)])
        == "The choice is the ensemble of 2d and 3d_fullres: the probabilities of its models, folds 0, 1, are "
        + "averaged. These models were compared: 2d and 3d_fullres, and averages of two of them.")
    #expect(
      text([flat], [("2d", [flat], 0.8), ("3d_fullres", [deep], 0.7)])
        == "The choice is 2d: it predicts alone, with folds 0, 1. These models were compared: 2d and 3d_fullres."
    )
  }

  @Test func saysWhenTheTableHasAnotherBest() {
    let newer = text([flat], [("2d", [flat], 0.8), ("3d_fullres", [deep], 0.85)])
    #expect(
      newer.hasSuffix(
        "By the current results, the best is 3d_fullres; "
          + "run nnUNet_find_best_configuration to choose again."))
    let gone = text([flat], [("3d_fullres", [deep], 0.85)])
    #expect(gone.contains("Its results no longer exist"))
  }
}
