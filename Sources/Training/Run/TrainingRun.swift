import Augmentation
package import Foundation
package import HostSystem
import Networks
import Plans
import Torch
import TrainedModels

/// The training of one network, epoch by epoch.
///
/// ``TrainingStep`` is what is done with a batch, ``CheckpointPolicy`` decides which checkpoints are
/// written, ``EpochReport`` is what the log says; here is the loop between them.
///
/// Source: nnU-Net v1, `network_trainer.py` and `nnUNetTrainerV2.py`. Weights, momentum, curves and
/// averages are in the checkpoints, and batches depend only on the seed and their position, so an
/// interrupted run continues exactly as it would have.
package struct TrainingRun {
  package let setup: TrainingSetup
  package internal(set) var progress = TrainingProgress()
  private let origin: OriginFingerprints
  var step: TrainingStep
  private let checkpoints: CheckpointPolicy
  /// The current epoch; nil between two epochs.
  private(set) var partialEpoch: PartialEpoch?
  /// Receives requests for a checkpoint or to end; nil if there are none.
  package var interruption: TrainingInterruption?
  private(set) var seed: UInt64
  /// The files with which a user can follow the training; nil to write none.
  var files: RunFiles?
  /// The epochs that this process trained, in order.
  package private(set) var records: [EpochRecord] = []

  /// Builds the network with fresh weights.
  package init(_ setup: TrainingSetup) throws {
    self.setup = setup
    seed = setup.seed
    origin = try setup.origin.fingerprints
    step = try TrainingStep(setup)
    checkpoints = CheckpointPolicy(setup)
  }

  /// The network in training.
  var network: TrainableNetwork { step.network }

  /// Trains until the recipe's last epoch and writes the final checkpoint.
  package mutating func run(reportingTo log: some Reporter) throws {
    if !isFinished {
      let queue = try makeQueue()
      defer { queue.close() }
      while !isFinished {
        try runEpoch(from: queue, log: log)
      }
    }
    try checkpoints.finishTraining { try checkpoint() }
  }

  private func makeQueue() throws -> BatchQueue {
    let (recipe, maker) = (setup.recipe, try setup.batchMaker(seed: seed))
    let positions = BatchPositions(
      epochs: progress.epoch..<recipe.epochs, training: recipe.iterationsPerEpoch,
      validation: recipe.validationIterationsPerEpoch)
    let make: @Sendable (BatchPosition) throws -> TrainingBatch
    if recipe.usesDummyLoad {
      let batch = try maker.batch(at: BatchPosition(purpose: .training, epoch: 0, index: 0))
      make = { _ in batch }
    } else {
      make = { try maker.batch(at: $0) }
    }
    return BatchQueue(
      positions: positions.dropFirst(partialEpoch?.batches ?? 0),
      threads: setup.augmentationThreads, capacity: setup.augmentationThreads + 2, make: make)
  }
}

// MARK: - One epoch

extension TrainingRun {
  private mutating func runEpoch(
    from queue: BatchQueue, log: some Reporter
  ) throws {
    let (epoch, rate, start) = (progress.epoch, learningRate, ContinuousClock.now)
    let report = EpochReport(log: log)
    report.begin(epoch: epoch)
    step.begin(epoch: epoch, learningRate: rate, momentum: momentum)
    let (batches, waited) = try runBatches(from: queue, log: log)
    let wholeCases = try evaluateWholeCases(log: log)
    partialEpoch = nil
    let dice = batches.evaluation.foregroundDice
    let isBest = progress.finishEpoch(
      trainingLoss: Self.mean(batches.trainingLosses),
      validationLoss: Self.mean(batches.validationLosses),
      foregroundDice: OnlineEvaluation.mean(wholeCases ?? dice))
    report.results(progress, dice: dice)
    try restartIfNothingWasLearned(log: log)
    try checkpoints.finishEpoch(
      progress.epoch, isBest: isBest, isFinished: isFinished, log: log
    ) { try checkpoint() }
    report.next(learningRate: learningRate)
    let record = EpochRecord(
      epoch: epoch, trainingLoss: progress.trainingLosses[epoch],
      validationLoss: progress.validationLosses[epoch], dice: dice, learningRate: rate,
      seconds: (ContinuousClock.now - start) / .seconds(1), secondsWaited: waited / .seconds(1))
    records.append(record)
    files?.finishEpoch(record, progress: progress, reportingTo: log)
    report.end(records, epochsLeft: isFinished ? 0 : setup.recipe.epochs - progress.epoch)
  }

  /// Trains and validates with the batches of an epoch that are left of it.
  private mutating func runBatches(
    from queue: BatchQueue, log: some Reporter
  ) throws -> (epoch: PartialEpoch, waited: Duration) {
    let recipe = setup.recipe
    let steps = recipe.iterationsPerEpoch + recipe.validationIterationsPerEpoch
    var waited = Duration.zero
    var partial =
      partialEpoch
      ?? PartialEpoch(
        evaluation: OnlineEvaluation(
          classCount: recipe.regions.map { $0.count + 1 } ?? setup.classCount))
    while partial.batches < steps {
      let (batch, wait) = try queue.next()
      waited += wait
      if partial.trainingLosses.count < recipe.iterationsPerEpoch {
        partial.trainingLosses.append(try step.train(on: batch, log: log))
      } else {
        if partial.validationLosses.isEmpty {
          try setup.ranks.broadcast(network.parameters.buffers)
        }
        partial.validationLosses.append(try step.validate(on: batch, into: &partial.evaluation))
      }
      // For the whole training, so that the remaining time is that of the training, not of the
      // epoch.
      log.advance(
        "training", completed: progress.epoch * steps + partial.batches,
        of: recipe.epochs * steps)
      partialEpoch = partial
      try answerInterruption(log: log)
    }
    return (partial, waited)
  }

  /// Saves the state between two batches, and ends the run, if somebody asked for it.
  private func answerInterruption(log: some Reporter) throws {
    guard let request = try setup.ranks.agree(on: interruption?.take()) else { return }
    let file = try checkpoints.interrupt { try checkpoint() }
    try setup.ranks.meet()
    switch request {
    case .save(let reason):
      log.note("saved a checkpoint in epoch \(progress.epoch): \(reason)")
    case .stop(let reason):
      log.note("saved a checkpoint in epoch \(progress.epoch) and ended: \(reason)")
      throw TrainingError.interrupted(
        reason: reason, epoch: progress.epoch, checkpoint: file.path)
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}

// MARK: - What changes from epoch to epoch

extension TrainingRun {
  /// The rate of the next epoch.
  private var learningRate: Double {
    setup.recipe.learningRate(
      epoch: progress.epoch, trainingLosses: progress.trainingLosses)
  }

  /// The momentum of the next epoch.
  private var momentum: Double {
    progress.wasRestarted
      ? Self.momentumAfterRestart
      : setup.recipe.momentum(epoch: progress.epoch, is2D: setup.is2D)
  }

  static let momentumAfterRestart = 0.95
  /// The epoch, counted from 0, after which a Dice of 0 means that the training has failed.
  static let epochOfRestart = 100

  /// Starts again with less momentum if no foreground was found after 101 epochs.
  ///
  /// Source: nnU-Net v1, `nnUNetTrainerV2.on_epoch_end`: convolutions get new weights; the
  /// normalizations and the optimizer's state do not change.
  mutating func restartIfNothingWasLearned(
    log: some Reporter
  ) throws {
    guard progress.epoch == Self.epochOfRestart + 1, progress.foregroundDice.last == 0 else {
      return
    }
    log.warn(
      "In epoch \(Self.epochOfRestart) the mean foreground Dice was 0. The momentum is reduced to "
        + "\(Self.momentumAfterRestart) and the weights are initialized again.")
    try step.drawWeightsAgain(seed: seed &+ 1)
    progress.wasRestarted = true
  }
}

// MARK: - Checkpoints

extension TrainingRun {
  /// The state after the last batch.
  func checkpoint() throws -> TrainingCheckpoint {
    TrainingCheckpoint(
      state: .init(
        progress: progress, scaler: step.scaler, seed: seed, network: setup.network,
        trainer: setup.recipe.name, precision: setup.precision,
        momentum: momentum, partialEpoch: partialEpoch, recipe: setup.recipe,
        origin: origin, threads: setup.computingThreads),
      weights: try network.weights(), momentum: try step.optimizer.state())
  }

  /// Continues from a checkpoint.
  ///
  /// - Throws: ``TrainingError/checkpointOfOtherNetwork(path:)`` if it does not match.
  package mutating func restore(_ checkpoint: TrainingCheckpoint, from url: URL) throws {
    guard checkpoint.state.network == setup.network else {
      throw TrainingError.checkpointOfOtherNetwork(path: url.path)
    }
    try step.restore(checkpoint)
    progress = checkpoint.state.progress
    seed = checkpoint.state.seed
    // The user may have changed the number of batches per epoch.
    partialEpoch = checkpoint.state.partialEpoch?.fitting(
      training: setup.recipe.iterationsPerEpoch,
      validation: setup.recipe.validationIterationsPerEpoch)
  }

  /// Continues from the newest readable checkpoint of the fold.
  ///
  /// - Throws: ``TrainingError/noCheckpoint(folder:)``, or the problem with the only one.
  package mutating func resume(reportingTo log: some Reporter) throws {
    let newest = try setup.foldFolder.newestCheckpoint(reportingTo: log)
    try restore(newest.checkpoint, from: newest.url)
    log.note("continuing from \(newest.url.lastPathComponent), epoch \(progress.epoch)")
  }

  /// Writes a best checkpoint that an earlier process could not write before it was killed.
  func completeBestCheckpoint(reportingTo log: some Reporter) throws {
    guard !isFinished, let best = progress.bestEpoch else { return }
    try checkpoints.completeBest(
      epoch: best, isCurrent: best == progress.epoch - 1 && partialEpoch == nil, log: log
    ) { try checkpoint() }
  }
}
