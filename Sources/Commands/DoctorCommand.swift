import ArgumentParser
import Diagnosis
import Foundation
import HostSystem
import Plans

/// `nnUNet_doctor`: checks whether the program can work here.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_doctor",
    abstract: "Check the installation and explain how to fix problems.",
    discussion: """
      Checks the processor, memory, the three folders (set, writable, free space, leftovers of \
      killed runs), libtorch and the devices, and compares a convolution on each device with known numbers, in single precision \
      and in bfloat16 (float16 on NVIDIA GPUs). Ends with status 1 if something is broken.

      Example: nnUNet_doctor
      """)

  func run() throws {
    Console.print("\(Version.description)\n")
    let findings = findings()
    let width = findings.map(\.subject.count).max() ?? 0
    let margin = String(repeating: " ", count: width + 12)
    for finding in findings {
      let mark = "[\(finding.state.rawValue)]".padding(toLength: 10, withPad: " ", startingAt: 0)
      let subject = finding.subject.padding(toLength: width + 2, withPad: " ", startingAt: 0)
      for (index, text) in finding.text.lines.enumerated() {
        let begin = index == 0 ? mark + subject : String(repeating: " ", count: 12)
        for line in wrapped(begin + text, indent: margin) { Console.print(line) }
      }
      if let advice = finding.advice {
        for line in wrapped(margin + "→ " + advice, indent: margin + "  ") { Console.print(line) }
      }
    }
    let broken = findings.count { $0.state == .broken }
    Console.print("")
    guard broken == 0 else {
      Console.print("\(broken) broken: follow the arrows above, then run nnUNet_doctor again.")
      throw ExitCode.failure
    }
    let warnings = findings.count { $0.state == .warning }
    Console.print(
      warnings == 0
        ? "Everything is fine." : "Everything works; \(countText(warnings, "warning")) above.")
  }

  private func findings() -> [Finding] {
    let environment = ProgramEnvironment()
    let workspace = environment.workspace
    let gigabyte = 1_000_000_000
    let folders = [
      FolderCheck(
        variable: Workspace.rawDataVariable, purpose: "raw and cropped images",
        folder: workspace.rawDataBase, wantedSpace: 20 * gigabyte),
      FolderCheck(
        variable: Workspace.preprocessedVariable, purpose: "prepared cases",
        folder: workspace.preprocessed, wantedSpace: 50 * gigabyte),
      FolderCheck(
        variable: Workspace.resultsVariable, purpose: "trained models", folder: workspace.results,
        wantedSpace: 10 * gigabyte),
    ]
    return MachineCheck(instructionSet: Version.instructionSet).findings()
      + folders.flatMap { $0.findings() }
      + LeftoverCheck(
        folders: [workspace.rawDataBase, workspace.preprocessed, workspace.results].compactMap {
          $0
        }
      ).findings() + threads(environment) + EngineCheck().findings()
  }

  /// The numbers of threads that the variables set.
  private func threads(_ environment: ProgramEnvironment) -> [Finding] {
    do {
      let count = try environment.defaultThreadCount
      let augmentation = try environment.augmentationThreadCount(cores: count)
      return [
        Finding(
          "threads", .ok,
          "\(count) for preparation and evaluation, \(augmentation) for training batches")
      ]
    } catch {
      return [Finding("threads", .broken, error.message, advice: error.hint)]
    }
  }
}
