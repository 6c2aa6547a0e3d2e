import Foundation
import TestSupport
import Testing

@testable import Commands

@Suite struct CommandLineTests {
  private let program = Program()

  @Test func listsAllCommands() throws {
    for arguments in [[], ["-h"], ["--help"]] {
      let outcome = try program.run(arguments)
      outcome.expectSuccess()
      // A summary may continue in the next line.
      let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      for entry in CommandTable.all.entries {
        #expect(outcome.output.contains("\n  \(entry.name) "))
        #expect(text.contains("\(entry.name) \(entry.summary)"))
      }
      #expect(outcome.errors.isEmpty)
    }
  }

  @Test func tellsItsVersion() throws {
    let outcome = try program.run(["--version"])
    outcome.expectSuccess()
    #expect(outcome.output.contains(Version.number))
  }

  @Test(arguments: CommandTable.all.entries.map(\.name))
  func explainsEveryCommand(name: String) throws {
    let short = String(name.dropFirst(CommandTable.prefix.count))
    for arguments in [[name, "-h"], [short, "--help"]] {
      let outcome = try program.run(arguments)
      outcome.expectSuccess()
      #expect(outcome.output.contains("USAGE: \(name)"))
      #expect(outcome.output.contains("xample"))
      #expect(outcome.errors.isEmpty)
    }
  }

  @Test func answersToTheNameOfALink() throws {
    let link = try temporaryFolder().appending(path: "nnUNet_predict")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: Program.executable)
    let help = try program.run(link, ["-h"])
    help.expectSuccess()
    #expect(help.output.contains("USAGE: nnUNet_predict"))
    try program.run(link, []).expectFailure(status: 2, naming: "-i", "nnUNet_predict -h")
  }

  @Test func suggestsACommandForAnUnknownOne() throws {
    try program.run(["nnUNet_predcit", "-i", "a"]).expectFailure(
      status: 2, naming: "'nnUNet_predcit'", "Did you mean nnUNet_predict")
    try program.run(["segment"]).expectFailure(status: 2, naming: "list of all commands")
  }

  @Test func refusesArgumentsThatItCannotUnderstand() throws {
    try program.run(["predict", "-i", "a", "-o", "b", "-t", "4", "--nonsense"])
      .expectFailure(status: 2, naming: "--nonsense")
    try program.run(["predict", "-i", "a"]).expectFailure(status: 2, naming: "-o")
    try program.run(["predict", "-i", "a", "-o", "b", "-t", "4", "--step_size", "x"])
      .expectFailure(status: 2, naming: "x")
    try program.run(["train", "4d", "nnUNetTrainerV2", "4", "0"])
      .expectFailure(status: 2, naming: "4d")
    try program.run(["predict", "--disable"]).expectFailure(
      status: 2, naming: "--disable_tta", "--disable_mixed_precision")
  }

  @Test func understandsArgparsesAbbreviations() throws {
    // Gets as far as the environment: the abbreviations themselves are understood.
    let outcome = try program.run([
      "predict", "--inp", "a", "--output_f=b", "-t4", "-f", "0", "1", "--disable_t",
    ])
    outcome.expectFailure(naming: "RESULTS_FOLDER")
  }
}
