import ArgumentParser
import HostSystem
import Testing

@testable import Commands

@Suite struct CommandTableTests {
  let table = CommandTable.all

  @Test func namesAreThoseThatUsageShows() {
    for entry in table.entries {
      #expect(entry.type.configuration.commandName == entry.name)
      #expect(entry.name.hasPrefix(CommandTable.prefix))
    }
    #expect(Set(table.entries.map(\.name)).count == table.entries.count)
  }

  @Test func everyCommandHasASummaryAndAnExample() {
    for entry in table.entries {
      #expect(!entry.summary.isEmpty)
      #expect(entry.summary.count <= 72, "\(entry.name): \(entry.summary)")
      #expect(entry.type.helpMessage().contains("xample"), "\(entry.name)")
    }
  }

  @Test func findsCommandsByFullAndShortName() {
    #expect(table.entry(named: "nnUNet_predict")?.name == "nnUNet_predict")
    #expect(table.entry(named: "predict")?.name == "nnUNet_predict")
    #expect(table.entry(named: "predic") == nil)
  }

  @Test(arguments: [
    ("predcit", "nnUNet_predict"), ("nnUNet_Predict", "nnUNet_predict"),
    ("nnunet_trian", "nnUNet_train"), ("plan", "nnUNet_plan_and_preprocess"),
    ("evaluate", "nnUNet_evaluate_folder"),
    ("nnUNet_plan_preprocess", "nnUNet_plan_and_preprocess"),
  ])
  func suggestsNearNames(typed: String, meant: String) {
    #expect(table.names(near: typed).first == meant)
  }

  @Test func suggestsNothingFarAway() {
    #expect(table.names(near: "segment_everything_now") == [])
    #expect(table.names(near: "xyz") == [])
  }

  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2),
    ("same", "same", 0),
  ])
  func countsEdits(first: String, second: String, expected: Int) {
    #expect(editDistance(first, second) == expected)
  }
}
