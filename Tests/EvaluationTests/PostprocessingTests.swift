import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import TestSupport
import Testing

@testable import Evaluation

@Suite struct PostprocessingTests {
  @Test(arguments: ["joint", "separate", "one"])
  func decidesAsNNUNet(_ name: String) throws {
    let fixture = fixtureURL("postprocessing/\(name)")
    let base = try temporaryFolder()
    for folder in ["raw", "gt"] {
      try FileManager.default.copyItem(
        at: fixture.appending(path: folder), to: base.appending(path: folder))
    }
    let expected = try Postprocessing.read(from: fixture.appending(path: Postprocessing.fileName))
    let labels = [0] + expected.rawDice.keys.sorted()
    try evaluateFolder(
      reference: base.appending(path: "gt"), prediction: base.appending(path: "raw"),
      labels: labels, threads: 2)
    let decision = try PostprocessingSearch(
      base: base, references: base.appending(path: "gt"), rawFolder: "raw", finalFolder: "final",
      threads: 2
    ).run()

    #expect(decision.groups == expected.groups)
    #expect(decision.minimumVolumes == nil)
    #expect(decision.caseCount == expected.caseCount)
    for (dice, expectedDice) in [
      (decision.rawDice, expected.rawDice), (decision.jointDice, expected.jointDice),
      (decision.separateDice, expected.separateDice),
    ] {
      #expect(dice.keys.sorted() == expectedDice.keys.sorted())
      for (label, value) in expectedDice {
        expectClose([dice[label] ?? 0], [value], absolute: 1e-15)
      }
    }
    for index in 0..<3 {
      let file = "final/case_\(index).nii.gz"
      let labels = try NIfTIFile.readLabels(at: base.appending(path: file)).labels
      #expect(labels == (try NIfTIFile.readLabels(at: fixture.appending(path: file)).labels))
    }
    let final = try JSONFile.read(
      SegmentationSummary.self, from: base.appending(path: "final/summary.json"))
    #expect(final.means.keys.sorted() == expected.rawDice.keys.sorted())
    let file = base.appending(path: Postprocessing.fileName)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("\"min_valid_object_sizes\": \"None\""))
    #expect(try Postprocessing.read(from: file).groups == expected.groups)
  }

  @Test func aLabelThatGetsWorseBlocksTheForeground() throws {
    let search = PostprocessingSearch(
      base: try temporaryFolder(), references: try temporaryFolder(), rawFolder: "raw",
      finalFolder: "final", threads: 1)
    var trials = PostprocessingSearch.Trials()
    trials.joint = [1: 0.9, 2: 0.79]
    trials.separate = [1: 0.9, 2: 0.8]
    trials.jointThenSeparate = [1: 1, 2: 1]
    let raw = [1: 0.8, 2: 0.8]
    let blocked = search.decide(labels: [1, 2], raw: raw, trials: trials)
    #expect(blocked.groups == [.label(1)])
    // NaN is neither better nor worse.
    trials.joint[2] = .nan
    #expect(
      search.decide(labels: [1, 2], raw: raw, trials: trials).groups
        == [.joint([1, 2]), .label(1)])
  }

  @Test func readsMinimumVolumesAsPythonWritesThem() throws {
    #expect(PythonVolumes("None")?.values == nil)
    let volumes = try #require(PythonVolumes("{1: 12.5, (1, 2): 30}")?.values)
    #expect(volumes == [.label(1): 12.5, .joint([1, 2]): 30])
    #expect(PythonVolumes(PythonVolumes(values: volumes).text)?.values == volumes)
    for text in ["", "{", "{1}", "{1: x}", "{(1: 2}", "{1: -1}", "[1]"] {
      #expect(PythonVolumes(text) == nil, "\(text)")
    }
  }

  @Test func refusesFilesThatWouldRemoveBackground() throws {
    let file = try temporaryFolder().appending(path: Postprocessing.fileName)
    try AtomicFile.write(Data(#"{"for_which_classes": [[0, 1]]}"#.utf8), to: file)
    #expect(throws: JSONError.self) { try Postprocessing.read(from: file) }
  }
}
