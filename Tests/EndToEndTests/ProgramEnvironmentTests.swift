import Foundation
import Plans
import Testing
import Training

@testable import Commands

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

  @Test(arguments: [
    ["RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "SLURM_PROCID": "0", "SLURM_NTASKS": "2"],
    ["OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_LOCAL_RANK": "1"],
    ["PMI_RANK": "3", "PMI_SIZE": "8", "MPI_LOCALRANKID": "1"],
    ["SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_LOCALID": "1"],
  ])
  func knowsItsRank(variables: [String: String]) throws {
    #expect(
      try ProgramEnvironment(variables: variables).launchedRank()
        == RankPosition(rank: 3, count: 8, localRank: 1, localCount: 8))
  }

  @Test func refusesRanksThatDoNotFit() throws {
    #expect(try ProgramEnvironment(variables: [:]).launchedRank() == nil)
    for variables in [
      ["RANK": "2", "WORLD_SIZE": "2"], ["RANK": "0"], ["RANK": "x", "WORLD_SIZE": "1"],
    ] {
      #expect(throws: CommandLineError.self) {
        try ProgramEnvironment(variables: variables).launchedRank()
      }
    }
    let alone = try ProgramEnvironment(variables: ["RANK": "1", "WORLD_SIZE": "2"]).launchedRank()
    #expect(alone?.localRank == 1)
  }
}
