import Foundation
import Plans
import TestSupport
import Testing

/// The expected folds are those of scikit-learn's KFold(5, shuffle=True, random_state=12345), as
/// nnU-Net v1 uses it.
@Suite struct DataSplitsTests {
  @Test(arguments: [
    (10, [[0, 7], [3, 9], [4, 6], [1, 8], [2, 5]]),
    (13, [[0, 7, 9], [3, 6, 10], [8, 11, 12], [1, 4], [2, 5]]),
  ])
  func equalsKFold(count: Int, validation: [[Int]]) throws {
    let cases = names(count)
    let splits = try DataSplits.crossValidation(cases: cases.reversed())
    #expect(splits.map(\.validation) == validation.map { $0.map { cases[$0] } })
    for split in splits {
      #expect(split.training == cases.filter { !split.validation.contains($0) })
    }
  }

  @Test func equalsRandom8020() throws {
    let cases = names(10)
    let splits = DataSplits(splits: try DataSplits.crossValidation(cases: cases))
    let split = try splits.split(fold: 5, cases: cases)
    #expect(split.training == [0, 8, 4, 5, 3, 9, 7, 6].map { cases[$0] })
    #expect(split.validation == [1, 2].map { cases[$0] })
    #expect(try splits.split(fold: 2, cases: cases) == splits.splits[2])
  }

  @Test func refusesImpossibleFolds() {
    #expect(throws: PlansError.tooFewCases(count: 4, folds: 5)) {
      try DataSplits.crossValidation(cases: names(4))
    }
    #expect(throws: PlansError.noSuchFold(fold: -1, caseCount: 10)) {
      try DataSplits.random8020(cases: names(10), fold: -1)
    }
    for fold in [Int.max, Int(UInt32.max)] {
      #expect(throws: PlansError.noSuchFold(fold: fold, caseCount: 10)) {
        try DataSplits.random8020(cases: names(10), fold: fold)
      }
    }
    #expect(throws: PlansError.noSuchFold(fold: 7, caseCount: 1)) {
      try DataSplits.random8020(cases: names(1), fold: 7)
    }
  }

  @Test func namesEveryProblemOfAFile() throws {
    let url = try temporaryFolder().appending(path: DataSplits.fileName)
    let text = """
      [{"train": ["case_00", "nobody"], "val": ["case_01"]},
       {"train": ["case_00"], "val": ["case_00"]}, {"train": [], "val": ["case_02"]},
       {"train": ["case_00", "case_00", "case_00"], "val": ["case_01", "case_02", "case_01"]}]
      """
    try Data(text.utf8).write(to: url)
    #expect(
      throws: PlansError.wrongSplits(
        path: url.path,
        problems: [
          "split 0 has unknown cases: nobody", "split 1 trains and validates with: case_00",
          "split 2 has no training cases", "split 3 trains more than once with: case_00",
          "split 3 validates more than once with: case_01",
        ])
    ) {
      try DataSplits.read(from: url, cases: names(3))
    }
  }

  @Test func casesInNoSplitAreFound() {
    let splits = DataSplits(splits: [
      DataSplit(training: ["case_00"], validation: ["case_01"]),
      DataSplit(training: ["case_01"], validation: ["case_03"]),
    ])
    #expect(splits.unusedCases(of: names(6).reversed()) == ["case_02", "case_04", "case_05"])
  }

  private func names(_ count: Int) -> [String] {
    (0..<count).map { "case_" + ($0 < 10 ? "0" : "") + "\($0)" }
  }
}
