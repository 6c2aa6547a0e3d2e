import Foundation
import HostSystem
import JSON
import Plans
import TestSupport
import Testing

@testable import Commands

@Suite struct CompletionScriptTests {
  private func script() throws -> CompletionScript { try CompletionScript(.all) }

  @Test(arguments: CompletionScript.Shell.allCases)
  func everyCommandAndFlagIsThere(shell: CompletionScript.Shell) throws {
    let text = try script().text(for: shell)
    for command in try script().commands {
      #expect(text.contains(command.name), "\(command.name)")
      for flag in command.flags {
        let name = flag.drop { $0 == "-" }
        #expect(text.contains(shell == .fish ? " \(name) " : flag), "\(command.name) \(flag)")
      }
    }
  }

  // MARK: - Completions

  @Test func bashCompletes() throws {
    let place = try CompletionPlace()
    func offers(_ words: [String]) throws -> Set<String> { try place.bashOffers(words) }
    #expect(try offers(["nnunet", "plan_and"]) == ["plan_and_preprocess"])
    #expect(
      try offers(["nnUNet_predict", "--disable"]) == ["--disable_tta", "--disable_mixed_precision"])
    #expect(try offers(["nnUNet_predict", "-m", "3d_l"]) == ["3d_lowres"])
    #expect(try offers(["nnunet", "predict", "-t", "Task004"]) == ["Task004_Hippocampus"])
    #expect(try offers(["nnUNet_train", "3d_c"]) == ["3d_cascade_fullres"])
    #expect(
      try offers(["nnUNet_find_best_configuration", "-m", "2d", "3d_f"]) == ["3d_fullres"],
      "flags take several values")
    #expect(
      try offers(["nnUNet_train", "2d", "nnUNetTrainerV2_GN", ""]).contains("Task017_Organ"),
      "words are counted")
    #expect(
      try offers(["nnUNet_train", "2d", "--npz", "nnUNetTrainerV2", "Task017"]) == [
        "Task017_Organ"
      ],
      "flags without a value are not")
    #expect(
      try offers(["nnUNet_train", "2d", "nnUNetTrainerV2_DA"]).contains("nnUNetTrainerV2_DA5"))
    #expect(
      try offers(["nnUNet_train", "2d", "nnUNetTrainerV2", "4", ""])
        == ["0", "1", "2", "3", "4", "all"])
    #expect(
      try offers(["nnUNet_train", "2d", "nnUNetTrainerV2", "17", ""]) == ["0", "1", "all"],
      "the task's splits have two folds")
    #expect(
      try offers(["nnUNet_predict", "-t", "4", "-m", "2d", "-tr", ""]) == ["nnUNetTrainerV2_GN"])
    #expect(try offers(["nnUNet_predict", "-t", "4", "-m", "2d", "-f", ""]) == ["0", "3"])
    #expect(try offers(["nnUNet_predict", "-t", "4", "-p", ""]) == ["nnUNetPlansv2.1"])
    #expect(try offers(["nnUNet_predict", "-o", "pictures"]) == ["pictures"])
    #expect(
      try offers(["nnUNet_download_pretrained_model", "Task004"]) == ["Task004_Hippocampus"])
  }

  @Test func whatStandsInANameIsNotRun() throws {
    let place = try CompletionPlace()
    let name = "Task005_$(touch pwned)`touch pwned`"
    try makeFolder(at: place.preprocessed.appending(path: name))
    #expect(try place.bashOffers(["nnUNet_predict", "-t", "Task005"]).count == 1)
    #expect(!fileExists(place.folder.appending(path: "pwned")))
    // A line break would make two completions.
    try makeFolder(at: place.preprocessed.appending(path: "Task006_A\nTask007_B"))
    #expect(try place.bashOffers(["nnUNet_predict", "-t", "Task00"]).count == 2)
  }

  @Test(.enabled(if: shellPath("fish") != nil, "fish is not installed"))
  func fishCompletes() throws {
    let place = try CompletionPlace()
    func offers(_ line: String) throws -> Set<String> {
      try place.run(
        try #require(shellPath("fish")),
        ["--no-config", "-c", "nnunet completions fish | source; complete -C '\(line)'"])
    }
    #expect(try offers("nnUNet_train 2d nnUNetTrainerV2_GN Task0").contains("Task017_Organ"))
    #expect(try offers("nnUNet_train 3d_c") == ["3d_cascade_fullres"])
    #expect(try offers("nnunet train 2d nnUNetTrainerV2 17 ") == ["0", "1", "all"])
    #expect(try offers("nnUNet_predict -t 4 -m 2d -tr ") == ["nnUNetTrainerV2_GN"])
    #expect(try offers("nnunet predict -t 4 -m 2d -f ") == ["0", "3"])
    #expect(try offers("nnUNet_download_pretrained_model Task004") == ["Task004_Hippocampus"])
  }

  @Test(.enabled(if: shellPath("zsh") != nil, "zsh is not installed"))
  func zshCompletes() throws {
    let place = try CompletionPlace()
    /// Types a line and a tab on zsh's own terminal until the expected text appears.
    func expect(_ line: String, toBecome whole: String) throws {
      let script = """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'PROMPT=; bindkey "^I" complete-word'
        zpty -w shell 'autoload -Uz compinit && compinit -u -d \(place.folder.path)/dump'
        zpty -w shell 'eval "$(nnunet completions zsh)"; echo read""y'
        zpty -r shell seen '*ready*'
        zpty -w -n shell '\(line)'$'\\t'
        zpty -r shell seen '*\(whole)*' && print completed
        """
      // If it never appears, the wait must end.
      let output = try place.run(
        "/usr/bin/timeout", ["60", try #require(shellPath("zsh")), "-f", "-c", script])
      #expect(output == ["completed"], "\(line)")
    }
    try expect("nnUNet_train 3d_c", toBecome: "3d_cascade_fullres")
    try expect("nnUNet_train 2d nnUNetTrainerV2 Task017", toBecome: "Task017_Organ")
    try expect("nnunet predict -t 4 -m 2d -tr nnUNetTr", toBecome: "nnUNetTrainerV2_GN")
  }
}

/// The path of a shell with this name.
private func shellPath(_ name: String) -> String? {
  ["/usr/bin/\(name)", "/bin/\(name)", "/usr/local/bin/\(name)", "/opt/homebrew/bin/\(name)"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// Folders with tasks and models, and links to the program.
private struct CompletionPlace {
  let folder: URL
  var preprocessed: URL { folder.appending(path: "preprocessed") }

  init() throws {
    folder = try temporaryFolder()
    for name in ["Task004_Hippocampus", "Task017_Organ"] {
      try makeFolder(at: preprocessed.appending(path: name))
    }
    try JSONFile.write(
      [
        DataSplit(training: ["a"], validation: ["b"]),
        DataSplit(training: ["b"], validation: ["a"]),
      ],
      to: preprocessed.appending(path: "Task017_Organ").appending(path: DataSplits.fileName))
    let model = folder.appending(
      path: "results/nnUNet/2d/Task004_Hippocampus/nnUNetTrainerV2_GN__nnUNetPlansv2.1")
    for fold in ["fold_0", "fold_3"] { try makeFolder(at: model.appending(path: fold)) }
    try makeFolder(at: folder.appending(path: "pictures"))
    let links = folder.appending(path: "bin")
    try makeFolder(at: links)
    for name in [Shell.programName] + CommandTable.all.entries.map(\.name) {
      try FileManager.default.createSymbolicLink(
        at: links.appending(path: name), withDestinationURL: Program.executable)
    }
  }

  /// What bash offers for the last of these words.
  func bashOffers(_ words: [String]) throws -> Set<String> {
    let file = folder.appending(path: "script-\(UUID().uuidString).bash")
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      \(try CompletionScript(.all).text(for: .bash))
      COMP_WORDS=(\(list))
      COMP_CWORD=\(words.count - 1)
      _nnunet
      printf '%s\\n' "${COMPREPLY[@]}"

      """
    try AtomicFile.write(Data(script.utf8), to: file)
    return try run("/bin/bash", [file.path])
  }

  /// The lines that a shell prints.
  func run(_ shell: String, _ arguments: [String]) throws -> Set<String> {
    let output = folder.appending(path: "output-\(UUID().uuidString)")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: shell)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.environment = [
      "PATH": folder.appending(path: "bin").path + ":/usr/bin:/bin", "HOME": folder.path,
      "TERM": "dumb", "nnUNet_preprocessed": preprocessed.path,
      "RESULTS_FOLDER": folder.appending(path: "results").path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    return Set(
      text.split(separator: "\n").map {
        // fish adds an explanation after a tab.
        String($0.split(separator: "\t").first ?? "").trimmingCharacters(in: .whitespaces)
      }.filter { !$0.isEmpty })
  }
}
