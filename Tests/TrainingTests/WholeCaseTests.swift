import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Training

@Suite struct WholeCaseTests {
  @Test func theTargetOfWholeCasesEndsATraining() throws {
    let setup = try TinyTask().setup(epochs: 9) {
      $0.iterationsPerEpoch = 20
      $0.wholeCaseEvaluation = WholeCaseEvaluation(
        regions: [
          LabelRegion(name: "ball", labels: [1], exportedAs: 1),
          LabelRegion(name: "nothing", labels: [7], exportedAs: 7),
        ], targetDice: 0.3)
    }
    try makeFolder(at: setup.foldFolder.url)
    var run = try TrainingRun(setup)
    try run.run(reportingTo: SilentReporter())
    let epochs = run.progress.epoch
    #expect((1..<9).contains(epochs) && run.isFinished)
    let last = try #require(run.progress.foregroundDice.last)
    let dice = try #require(last)
    #expect(dice >= 0.3)
    let folder = setup.foldFolder.validationFolder(
      named: String(format: "validation_after_ep_%04d", epochs - 1))
    let table = try String(
      contentsOf: folder.appending(path: "summary.csv"), encoding: .utf8)
    #expect(table.hasPrefix("casename,ball,nothing\n"))
    #expect(table.contains("mean,\(String(format: "%.4f", dice)),nan\n"))
    #expect(setup.foldFolder.exists(.final))
    var again = try TrainingRun(setup)
    try again.resume(reportingTo: SilentReporter())
    #expect(again.isFinished, "it does not go on when it is continued")
  }
}
