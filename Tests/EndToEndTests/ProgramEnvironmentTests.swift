import Foundation
import Plans
import Testing

@testable import nnunet

@Suite struct ProgramEnvironmentTests {
  @Test func takesFoldersFromTheVariables() throws {
    let environment = ProgramEnvironment(variables: [
      "nnUNet_raw_data_base": "/raw", "RESULTS_FOLDER": "/results", "nnUNet_preprocessed": "",
    ])
    #expect(try environment.workspace.rawTasks().path == "/raw/nnUNet_raw_data")
    #expect(try environment.workspace.allResults().path == "/results/nnUNet")
    #expect(environment.workspace.preprocessed == nil)
  }

  @Test func usesAllProcessorsUnlessTold() throws {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    #expect(try ProgramEnvironment(variables: [:]).defaultThreadCount == processors)
    #expect(
      try ProgramEnvironment(variables: ["nnUNet_def_n_proc": ""]).defaultThreadCount == processors)
    #expect(try ProgramEnvironment(variables: ["nnUNet_def_n_proc": "3"]).defaultThreadCount == 3)
  }

  @Test(arguments: ["0", "-2", "many", "2.5"])
  func refusesNonsenseForTheThreads(value: String) {
    let error = #expect(throws: CommandLineError.self) {
      try ProgramEnvironment(variables: ["nnUNet_def_n_proc": value]).defaultThreadCount
    }
    #expect(error?.message.contains("nnUNet_def_n_proc is '\(value)'") == true)
  }

  @Test func usesAtMostTwelveThreadsForAugmentation() throws {
    let environment = ProgramEnvironment(variables: [:])
    #expect(try environment.augmentationThreadCount(cores: 2) == 2)
    #expect(try environment.augmentationThreadCount(cores: 64) == 12)
    let told = ProgramEnvironment(variables: ["nnUNet_n_proc_DA": "5"])
    #expect(try told.augmentationThreadCount(cores: 64) == 5)
  }
}
