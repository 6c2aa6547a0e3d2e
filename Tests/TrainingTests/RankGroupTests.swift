import Arrays
import Foundation
import HostSystem
import Networks
import Plans
import Synchronization
import TestSupport
import Testing
import Torch

@testable import Training

private final class Results<Value: Sendable>: Sendable {
  let values = Mutex<[Int: Swift.Result<Value, any Error>]>([:])
}

/// Simulates several processes with threads, which connect through a port of this machine.
///
/// - Parameters:
///   - count: The number of processes.
///   - leaves: Whether they leave together at the end; a session does that itself.
///   - body: What each of them does.
/// - Returns: What `body` returned, by rank.
/// - Throws: The error of the lowest rank that failed.
private func inRanks<Result: Sendable>(
  _ count: Int, leaves: Bool = true, _ body: @escaping @Sendable (RankGroup) throws -> Result
) throws -> [Result] {
  let results = Results<Result>()
  let port = try freePort()
  let done = DispatchGroup()
  for rank in 0..<count {
    done.enter()
    let thread = Thread {
      let result = Swift.Result {
        let launch = RankLaunch(
          rank: rank, count: count, localRank: rank, localCount: count, address: "127.0.0.1",
          port: port, serves: rank == 0)
        let group = try RankGroup(launch, device: .cpu) { Issue.record("\($0.message)") }
        return try leaves ? group.run { try body(group) } : body(group)
      }
      results.values.withLock { $0[rank] = result }
      done.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  done.wait()
  let values = results.values.withLock { $0 }
  return try (0..<count).map { try #require(values[$0]).get() }
}

@Suite(.serialized) struct RankGroupTests {
  /// Two ranks with half the batch each give the same weights as one process with all of it.
  @Test(arguments: [false, true]) func twoRanksTrainAsOneProcess(sumsOverBatch: Bool) throws {
    let task = try TinyTask()
    @Sendable func trained(_ ranks: RankGroup, in folder: String) throws -> TrainingCheckpoint {
      var setup = try task.setup(epochs: 1)
      setup.recipe.iterationsPerEpoch = 10
      setup.recipe.batchSize = 4
      setup.recipe.sumsDiceOverBatch = sumsOverBatch
      setup.precision = .float32
      setup.modelFolder.append(path: folder)
      setup.ranks = ranks
      setup.distributesBatch = true
      var run = try TrainingRun(setup)
      if ranks.isFirst { try makeFolder(at: setup.foldFolder.url) }
      try run.run(reportingTo: SilentReporter())
      return try run.checkpoint()
    }
    let expected = try trained(.alone, in: "one")
    let found = try inRanks(2) { try trained($0, in: "two") }
    #expect(found[0].weights == found[1].weights)
    #expect(found[0].state.progress == found[1].state.progress, "all see the same curves")
    for (weight, own) in zip(expected.weights, found[0].weights) {
      let difference = zip(weight.array.scalars, own.array.scalars).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-5, "\(weight.name): \(difference)")
    }
    let losses = (expected.state.progress.trainingLosses, found[0].state.progress.trainingLosses)
    #expect(abs(losses.0[0] - losses.1[0]) < 1e-5)
    #expect(
      expected.state.progress.foregroundDice[0] != nil
        && abs(
          (expected.state.progress.foregroundDice[0] ?? 0)
            - (found[0].state.progress.foregroundDice[0] ?? 1)) < 1e-3
    )
  }

  /// Losses and gradients of unequal parts, averaged, are those of the whole batch.
  @Test(arguments: [false, true]) func lossesOfPartsAreThoseOfTheWhole(sumsOverBatch: Bool) throws {
    let kinds: [LossRecipe.Kind] = [
      .crossEntropy, .focal(alpha: 0.5, gamma: 2), .dice(smoothing: 1e-5, background: false),
      .squaredDice(smoothing: 1e-5, background: true),
      .generalizedDice(smoothing: 1e-5, background: false),
      .matthewsCorrelation(background: false),
    ]
    let (samples, classes) = (3, 3)
    let values = (0..<samples * classes * 8).map { Float(sin(Double($0) * 1.7)) }
    let labels = (0..<samples * 8).map { Int64($0 * 7 % classes) }
    @Sendable func lossAndGradient(
      _ kind: LossRecipe.Kind, _ part: Range<Int>, _ batch: SharedBatch
    ) throws -> (Double, [Float]) {
      let logits = try Tensor(
        DenseArray(
          shape: [part.count, classes, 8],
          scalars: Array(values[part.lowerBound * classes * 8..<part.upperBound * classes * 8])))
      try logits.setRequiresGradient(true)
      let target = try Tensor(
        DenseArray(
          shape: [part.count, 8], scalars: Array(labels[part.lowerBound * 8..<part.upperBound * 8]))
      )
      let loss = RecipeLoss(.only(kind), sumsOverBatch: sumsOverBatch, batch: batch)
      let value = try loss(logits: logits, labels: target)
      try value.backward()
      return (try value.item(), try #require(try logits.gradient()).array(of: Float.self).scalars)
    }
    for kind in kinds {
      let whole = try lossAndGradient(kind, 0..<samples, SharedBatch())
      let parts = try inRanks(2) { ranks in
        let share = try BatchShare(batchSize: samples, rank: ranks.rank, of: 2)
        return try lossAndGradient(
          kind, share.elements, SharedBatch(share, group: ranks.processes))
      }
      #expect(abs((parts[0].0 + parts[1].0) / 2 - whole.0) < 1e-6, "\(kind)")
      // No other process has a process's logits: averaging divides their gradients by two.
      for (own, expected) in zip(parts[0].1 + parts[1].1, whole.1) {
        #expect(abs(own / 2 - expected) < 1e-6, "\(kind): \(own / 2), \(expected)")
      }
    }
  }

  /// One process is asked to end; the other learns of it between two of its own cases.
  @Test func aWishToEndReachesAllBetweenTwoCases() throws {
    let ends = try inRanks(2) { ranks -> [String] in
      let interruption = TrainingInterruption()
      var done = 0
      let share = ranks.share(of: (0..<20).map(String.init))
      let cases = SharedCases(ranks: ranks, interruption: interruption)
      let end = try cases.forEach(share) { _ in
        done += 1
        if ranks.rank == 1, done == 2 { interruption.request(.stop(reason: "SIGTERM")) }
        if ranks.rank == 0 {
          waitUntil { (try? ranks.isStopWished(by: nil)) ?? true }
        }
      }
      return ["\(done)", end?.reason ?? "none", "\(end?.completed ?? -1)"]
    }
    #expect(ends[0] == ["1", "a signal to another rank", "3"])
    #expect(ends[1] == ["2", "SIGTERM", "3"])
    let all = try inRanks(2) { ranks in
      try SharedCases(ranks: ranks).forEach(ranks.share(of: ["a", "b", "c"])) { _ in }
    }
    #expect(all == [nil, nil], "nobody asked")
  }

  @Test func aValidationByTwoRanksEndsBetweenTwoCases() throws {
    let setup = try TinyTask(cases: 20).setup(epochs: 1)
    let total = setup.split.validation.count
    #expect(total == 4)
    try TrainingSession(setup: setup).run(reporter: SilentReporter())
    let errors = try inRanks(2, leaves: false) { ranks -> TrainingError? in
      var session = TrainingSession(setup: setup)
      session.setup.ranks = ranks
      session.start = .validationOnly(.final)
      session.validation = FinalValidation(setup: session.setup, threads: 1)
      let interruption = TrainingInterruption()
      if ranks.rank == 1 { interruption.request(.stop(reason: "SIGTERM")) }
      session.interruption = interruption
      do {
        try session.run(reporter: SilentReporter())
        return nil
      } catch let error as TrainingError {
        return error
      }
    }
    let reasons = errors.map { error in
      guard case .validationInterrupted(let reason, let completed, total) = error else {
        Issue.record("\(String(describing: error))")
        return ""
      }
      // Rank 1 ends after the first of its two cases.
      #expect((2...3).contains(completed))
      return reason
    }
    #expect(reasons == ["a signal to another rank", "SIGTERM"])
    let folder = setup.foldFolder.validationFolder(named: "validation_raw")
    #expect(!fileExists(folder.appending(path: "summary.json")))
    #expect(fileExists(folder.appending(path: "\(setup.split.validation[0]).nii.gz")))
  }

  @Test func everyoneLearnsWhatOneHas() throws {
    let answers = try inRanks(3) { ranks -> [String] in
      let bytes = try ranks.broadcast(ranks.isFirst ? Data("seed".utf8) : nil)
      let none = try ranks.broadcast(nil)
      let seed = try ranks.agree(onSeed: UInt64(40 + ranks.rank))
      let request = try ranks.agree(on: ranks.rank == 1 ? .stop(reason: "SIGTERM") : nil)
      try ranks.meet()
      return [
        String(decoding: bytes ?? Data(), as: UTF8.self), "\(none == nil)", "\(seed)",
        "\(request != nil)", "\(ranks.share(of: Array(0..<7)))",
      ]
    }
    #expect(
      answers.map { Array($0.dropLast()) }
        == Array(repeating: ["seed", "true", "40", "true"], count: 3))
    #expect(answers.map { $0[4] } == ["[0, 3, 6]", "[1, 4]", "[2, 5]"])
  }
}
