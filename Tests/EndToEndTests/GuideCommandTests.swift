import ArgumentParser
import Foundation
import Testing

@testable import Commands

/// The program understands the lines that the guides tell users to type.
@Suite struct GuideCommandTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
  }

  /// The commands in blocks of code, except those with omitted arguments.
  private func commands(in text: String) -> [[String]] {
    text.split(separator: "\n").filter { $0.hasPrefix("    ") }.compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let first = words.first, CommandTable.all.entry(named: first) != nil,
        first.hasPrefix("nnUNet_"), !["...", "…", "\\", "|", "["].contains(where: line.contains)
      else { return nil }
      let end = words.firstIndex { $0.hasPrefix("#") || $0 == "&&" || $0 == ">" } ?? words.count
      return Array(words[..<end])
    }
  }

  private func parse(_ words: [String]) throws -> any ParsableCommand {
    let type = try #require(CommandTable.all.entry(named: words[0])).type
    return try type.parseAsRoot(Array(words.dropFirst()))
  }

  @Test func linesOfAllGuidesAreUnderstood() throws {
    let guides = try FileManager.default.subpathsOfDirectory(
      atPath: Self.root.appending(path: "Guides").path
    ).filter { $0.hasSuffix(".md") }.map { "Guides/" + $0 }
    var count = 0
    for guide in guides.sorted() + ["README.md"] {
      for words in try commands(in: text(guide)) {
        count += 1
        #expect(throws: Never.self, "\(guide): \(words.joined(separator: " "))") {
          _ = try parse(words)
        }
      }
    }
    #expect(count >= 20)
  }

  /// v1's readme starts several processes with a line of Python's; here is the same training.
  @Test func theLineOfV1ForSeveralCardsIsTranslated() throws {
    let row = try #require(
      text("Guides/MovingFromPython.md").split(separator: "\n").first {
        $0.contains("torch.distributed.launch")
      })
    let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    let old = cells[0].trimmingCharacters(in: ["`"]).split(separator: " ").map(String.init)
    let script = try #require(old.firstIndex { $0.hasSuffix("run/run_training_DDP.py") })
    let count = try #require(
      old.first { $0.hasPrefix("--nproc_per_node=") }?.split(separator: "=").last)
    let new = cells[1].trimmingCharacters(in: ["`"]).split(separator: " ").map(String.init)
    // The arguments of v1's script, and as many devices as it had processes.
    #expect(new[0] == "nnUNet_train_DDP")
    #expect(Set(old[(script + 1)...] + ["--devices", String(count)]) == Set(new.dropFirst()))
    #expect(try parse(new) is TrainDDPCommand)
    // The arguments that v1's launcher adds for its script are accepted, too.
    _ = try parse([new[0], "--local_rank=1"] + old[(script + 1)...])
  }
}
