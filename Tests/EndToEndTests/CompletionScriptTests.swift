import Foundation
import HostSystem
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

  /// What bash offers for the last of these words.
  private func offers(_ words: [String], in folder: URL) throws -> Set<String> {
    let file = folder.appending(path: "script-\(UUID().uuidString).bash")
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    try AtomicFile.write(
      Data(
        (try script().text(for: .bash) + """
          COMP_WORDS=(\(list))
          COMP_CWORD=\(words.count - 1)
          _nnunet
          printf '%s\\n' "${COMPREPLY[@]}" > "\(file.path).out"

          """).utf8), to: file)
    let bash = Process()
    bash.executableURL = URL(fileURLWithPath: "/bin/bash")
    bash.arguments = [file.path]
    bash.currentDirectoryURL = folder
    bash.environment = ["PATH": "/usr/bin:/bin", "nnUNet_preprocessed": folder.path]
    try bash.run()
    bash.waitUntilExit()
    #expect(bash.terminationStatus == 0)
    let output = try Data(contentsOf: URL(fileURLWithPath: "\(file.path).out"))
    return Set(String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  @Test func bashCompletes() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["Task004_Hippocampus", "Task017_Organ"] {
      try makeFolder(at: folder.appending(path: name))
    }
    #expect(try offers(["nnunet", "plan_and"], in: folder) == ["plan_and_preprocess"])
    #expect(
      try offers(["nnUNet_predict", "--disable"], in: folder)
        == ["--disable_tta", "--disable_mixed_precision"])
    #expect(
      try offers(["/opt/bin/nnUNet_predict", "-m", "3d_l"], in: folder) == ["3d_lowres"])
    #expect(
      try offers(["nnunet", "predict", "-t", "Task004"], in: folder) == ["Task004_Hippocampus"])
    #expect(try offers(["nnUNet_train", "3d_c"], in: folder) == ["3d_cascade_fullres"])
    #expect(
      try offers(["nnUNet_find_best_configuration", "-m", "2d", "3d_f"], in: folder)
        == ["3d_fullres"], "flags take several values")
    #expect(try offers(["nnUNet_predict", "-o", "Task01"], in: folder) == ["Task017_Organ"])
  }
}
