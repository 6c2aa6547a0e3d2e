import Foundation
import HostSystem
import Plans
import TestSupport
import Testing

@Suite struct WorkspaceTests {
  @Test func knowsThePlaces() throws {
    let workspace = Workspace(environment: [
      "nnUNet_raw_data_base": "/a", "nnUNet_preprocessed": "/b", "RESULTS_FOLDER": "/c",
    ])
    #expect(try workspace.rawTask("Task004_H").path == "/a/nnUNet_raw_data/Task004_H")
    #expect(try workspace.croppedTask("Task004_H").path == "/a/nnUNet_cropped_data/Task004_H")
    #expect(try workspace.preprocessedTask("Task004_H").path == "/b/Task004_H")
    #expect(
      try workspace.plansFile(
        task: "Task004_H", plans: "nnUNetPlansv2.1", configuration: .lowResolution
      ).path == "/b/Task004_H/nnUNetPlansv2.1_plans_3D.json")
    #expect(
      try workspace.modelFolder(
        configuration: .fullResolution, task: "Task004_H", trainer: "nnUNetTrainerV2",
        plans: "nnUNetPlansv2.1"
      ).path == "/c/nnUNet/3d_fullres/Task004_H/nnUNetTrainerV2__nnUNetPlansv2.1")
  }

  @Test func namesTheVariableThatIsNotSet() throws {
    let workspace = Workspace(environment: ["nnUNet_preprocessed": ""])
    let error = try #require(throws: WorkspaceError.self) {
      try workspace.preprocessedTask("Task004_H")
    }
    #expect(error.message.contains("nnUNet_preprocessed"))
    #expect(error.hint?.contains("export nnUNet_preprocessed=") == true)
    #expect(throws: WorkspaceError.self) { try workspace.rawTasks() }
    #expect(throws: WorkspaceError.self) { try workspace.allResults() }
  }

  @Test func findsTasksByNumber() throws {
    let workspace = try makeWorkspace([
      "raw/nnUNet_raw_data/Task004_Hippocampus", "raw/nnUNet_cropped_data/Task004_Hippocampus",
      "pp/Task100_A", "pp/Task1000_B", "results/nnUNet/2d/Task007_Model",
    ])
    #expect(try workspace.taskName(for: "4") == "Task004_Hippocampus")
    #expect(try workspace.taskName(for: "004") == "Task004_Hippocampus")
    #expect(try workspace.taskName(for: "100") == "Task100_A")
    #expect(try workspace.taskName(for: "1000") == "Task1000_B")
    #expect(try workspace.taskName(for: "7") == "Task007_Model")
    #expect(try workspace.taskName(for: "Task999_Anything") == "Task999_Anything")
  }

  @Test func saysWhereItLookedInVain() throws {
    let workspace = try makeWorkspace(["raw/nnUNet_raw_data/Task004_Hippocampus", "pp"])
    let error = try #require(throws: WorkspaceError.self) { try workspace.taskName(for: "5") }
    #expect(error.message.contains(try workspace.rawTasks().path))
    #expect(error.message.contains(try workspace.preprocessedTasks().path))
    #expect(throws: WorkspaceError.noTaskName(text: "Hippocampus")) {
      try workspace.taskName(for: "Hippocampus")
    }
    let empty = Workspace(environment: [:])
    let unset = try #require(throws: WorkspaceError.self) { try empty.taskName(for: "5") }
    #expect(unset.hint?.contains("export RESULTS_FOLDER=") == true)
  }

  @Test func refusesAmbiguousNumbers() throws {
    let workspace = try makeWorkspace(["raw/nnUNet_raw_data/Task004_A", "pp/Task004_B"])
    let error = try #require(throws: WorkspaceError.self) { try workspace.taskName(for: "4") }
    guard case .severalTasks(4, ["Task004_A", "Task004_B"], _) = error else {
      Issue.record("\(error)")
      return
    }
  }

  private func makeWorkspace(_ folders: [String]) throws -> Workspace {
    let root = try temporaryFolder()
    for folder in folders {
      try FileManager.default.createDirectory(
        at: root.appending(path: folder), withIntermediateDirectories: true)
    }
    // A file is not a task, whatever its name.
    try makeFolder(at: root.appending(path: "raw/nnUNet_raw_data"))
    try Data().write(to: root.appending(path: "raw/nnUNet_raw_data/Task005_File"))
    return Workspace(
      rawDataBase: root.appending(path: "raw"), preprocessed: root.appending(path: "pp"),
      results: root.appending(path: "results"))
  }
}
