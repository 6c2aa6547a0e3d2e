import Foundation
import HostSystem
import Plans
import TestSupport
import Testing

@testable import TaskWorkflows

@Suite struct JobGraphTests {
  private func run(_ configurations: [Plans.Configuration]?, prepared: Bool) throws -> TaskRun {
    let base = try temporaryFolder()
    let workspace = Workspace(
      rawDataBase: nil, preprocessed: base.appending(path: "pre"),
      results: base.appending(path: "results"))
    var run = TaskRun(workspace: workspace, task: "Task001_Test", folds: [0, 1])
    run.configurations = configurations
    if prepared {
      try makeFolder(at: workspace.preprocessedTask("Task001_Test"))
      try PreparationMark(task: "Task001_Test", plans: run.plans, in: workspace).write()
    }
    return run
  }

  @Test func beforePlanningTheNetworksAreUnknown() throws {
    #expect(
      try JobGraph(of: run(nil, prepared: false)).jobs == [
        .init(kind: .prepare, dependencies: []), .init(kind: .submitAgain, dependencies: [0]),
      ])
    #expect(
      try JobGraph(of: run([.twoD], prepared: false)).jobs == [
        .init(kind: .prepare, dependencies: []), .init(kind: .fold(.twoD, 0), dependencies: [0]),
        .init(kind: .fold(.twoD, 1), dependencies: [0]),
        .init(kind: .select, dependencies: [0, 1, 2]),
      ])
  }

  @Test func cascadesFollowTheirFirstNetwork() throws {
    let graph = try JobGraph(of: run([.cascade, .lowResolution], prepared: true))
    // The first network predicts every case for the second: all five folds.
    #expect(graph.jobs.count == 8)
    #expect(graph.jobs[5] == .init(kind: .fold(.cascade, 0), dependencies: [0, 1, 2, 3, 4]))
    #expect(graph.jobs[7].kind == .select)
  }

  @Test func wavesFollowDependencies() {
    var graph = JobGraph(jobs: [
      .init(kind: .prepare, dependencies: []),
      .init(kind: .fold(.lowResolution, 0), dependencies: [0]),
      .init(kind: .fold(.lowResolution, 1), dependencies: [0]),
      .init(kind: .fold(.cascade, 0), dependencies: [0, 1, 2]),
      .init(kind: .select, dependencies: [0, 1, 2, 3]),
    ])
    #expect(graph.waves == [[0], [1, 2], [3], [4]])
    graph.jobs = []
    #expect(graph.waves.isEmpty)
  }
}
