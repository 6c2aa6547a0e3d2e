import Testing

@testable import Commands

@Suite struct OptionSpellingsTests {
  private let predict: OptionSpellings

  init() throws { predict = try OptionSpellings(of: PredictCommand.self) }

  @Test func knowsTheOptionsOfACommand() {
    for option in ["-i", "--input_folder", "-tr", "-chk", "--disable_tta", "-h", "--help"] {
      #expect(predict.options.contains(option), "\(option)")
    }
  }

  @Test(arguments: [
    (["--disable_t"], ["--disable_tta"]),
    (["--input", "a", "--output_f", "b"], ["--input_folder", "a", "--output_folder", "b"]),
    (["-ch", "model_best"], ["-chk", "model_best"]),
    (["-f0"], ["-f", "0"]),
    (["-i=a=b"], ["-i", "a=b"]),
    (["--step=0.5"], ["--step_size", "0.5"]),
    (["-tr", "nnUNetTrainerV2"], ["-tr", "nnUNetTrainerV2"]),
    (["--unknown", "-"], ["--unknown", "-"]),
    (["-i", "a", "--", "--disable_t"], ["-i", "a", "--", "--disable_t"]),
    (["--step_size", "-0.5"], ["--step_size", "-0.5"]),
  ])
  func writesOutAbbreviations(typed: [String], expected: [String]) throws {
    #expect(try predict.spellOut(typed) == expected)
  }

  @Test func refusesAmbiguousBeginnings() {
    #expect(
      throws: CommandLineError.ambiguousOption(
        "--disable", candidates: ["--disable_mixed_precision", "--disable_tta"])
    ) { try predict.spellOut(["--disable"]) }
  }

  @Test func prefersTheWholeNameToALongerOne() throws {
    let options = OptionSpellings(options: ["-overwrite_plans", "-overwrite_plans_identifier"])
    #expect(try options.spellOut(["-overwrite_plans"]) == ["-overwrite_plans"])
    #expect(
      try options.spellOut(["-overwrite_plans_i"]) == ["-overwrite_plans_identifier"])
  }
}
