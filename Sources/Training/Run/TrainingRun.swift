import Arrays
import Augmentation
package import Foundation
package import HostSystem
import Networks
import Plans
import Torch
import TrainedModels

/// The training of one network, epoch by epoch.
///
/// Source: nnU-Net v1, `network_trainer.py` and `nnUNetTrainerV2.py`. Weights, momentum, curves and
/// averages are in the checkpoints, and batches depend only on the seed and their position, so an
/// interrupted run continues exactly as it would have.
package struct TrainingRun {
  package let setup: TrainingSetup
  package internal(set) var progress = TrainingProgress()
  private let origin: OriginFingerprints
  let network: TrainableNetwork
  var optimizer: any Optimizer
  private var scaler: LossScaler
  private var loss: RecipeLoss
  private let supervision: DeeplySupervisedLoss
  /// Averages the gradients over several processes; made with the first batch.
  private var reducer: GradientReducer?
  private var stepsNotFinite = 0
  /// The current epoch; nil between two epochs.
  private(set) var partialEpoch: PartialEpoch?
  /// Receives requests for a checkpoint or to end; nil if there are none.
  package var interruption: TrainingInterruption?
  private(set) var seed: UInt64
  /// The files with which a user can follow the training; nil to write none.
  var files: RunFiles?
  /// The epochs that this process trained, in order.
  package private(set) var records: [EpochRecord] = []

  /// The number of consecutive steps that may fail before the run ends.
  static let toleratedFailures = 50

  /// Builds the network with fresh weights.
  package init(_ setup: TrainingSetup) throws {
    self.setup = setup
    seed = setup.seed
    origin = try setup.origin.fingerprints
    network = try TrainableNetwork(
      setup.network, seed: setup.seed, on: setup.device, table: setup.extensions.model.networks)
    optimizer = setup.makeOptimizer(of: network.parameters)
    scaler = LossScaler(for: setup.precision)
    loss = RecipeLoss(
      setup.recipe.loss, sumsOverBatch: setup.sumsDiceOverBatch,
      batch: SharedBatch(try setup.batchShare(), group: setup.ranks.processes),
      registered: setup.extensions.losses)
    supervision = DeeplySupervisedLoss(
      levels: setup.recipe.usesDeepSupervision ? setup.network.poolStrides.count : 1,
      weighsDeepest: setup.network.weighsDeepestOutput)
  }

  /// Trains until the recipe's last epoch and writes the final checkpoint.
  package mutating func run(reportingTo log: some Reporter) throws {
    let recipe = setup.recipe
    if !isFinished {
      let queue = try makeQueue()
      defer { queue.close() }
      while !isFinished {
        try runEpoch(from: queue, log: log)
      }
    }
    guard setup.ranks.isFirst else { return }
    if recipe.savesFinalAndBest && recipe.keepsResults {
      try checkpoint().write(to: setup.foldFolder.file(.final))
      try syncFolder(at: setup.foldFolder.url)
    }
    CheckpointRotation(folder: setup.foldFolder).removeAll()
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
    let (epoch, recipe) = (progress.epoch, setup.recipe)
    let start = ContinuousClock.now
    var waited = Duration.zero
    let rate = learningRate
    optimizer.set(learningRate: rate, momentum: momentum)
    loss.epoch = epoch
    log.note("\nepoch:  \(epoch)")

    let steps = recipe.iterationsPerEpoch + recipe.validationIterationsPerEpoch
    var partial =
      partialEpoch
      ?? PartialEpoch(
        evaluation: OnlineEvaluation(
          classCount: recipe.regions.map { $0.count + 1 } ?? setup.classCount))
    while partial.batches < steps {
      let (batch, wait) = try queue.next()
      waited += wait
      if partial.trainingLosses.count < recipe.iterationsPerEpoch {
        partial.trainingLosses.append(try step(batch, log: log))
      } else {
        if partial.validationLosses.isEmpty {
          try setup.ranks.broadcast(network.parameters.buffers)
        }
        partial.validationLosses.append(try validate(batch, &partial.evaluation))
      }
      // For the whole training, so that the remaining time is that of the training, not of the
      // epoch.
      log.advance(
        "training", completed: epoch * steps + partial.batches, of: recipe.epochs * steps)
      partialEpoch = partial
      try answerInterruption(log: log)
    }
    let wholeCases = try evaluateWholeCases(log: log)
    partialEpoch = nil
    let isBest = progress.finishEpoch(
      trainingLoss: Self.mean(partial.trainingLosses),
      validationLoss: Self.mean(partial.validationLosses),
      foregroundDice: OnlineEvaluation.mean(wholeCases ?? partial.evaluation.foregroundDice))
    report(partial.evaluation, log: log)
    try restartIfNothingWasLearned(log: log)
    try writeCheckpoints(isBest: isBest, log: log)
    log.note("lr: \(Self.text(learningRate, digits: 6))")
    let record = EpochRecord(
      epoch: epoch, trainingLoss: progress.trainingLosses[epoch],
      validationLoss: progress.validationLosses[epoch], dice: partial.evaluation.foregroundDice,
      learningRate: rate, seconds: (ContinuousClock.now - start) / .seconds(1),
      secondsWaited: waited / .seconds(1))
    records.append(record)
    files?.finishEpoch(record, progress: progress, reportingTo: log)
    log.note(
      "This epoch took \(Self.secondsText(record.seconds))"
        + " (\(Self.secondsText(record.secondsWaited)) of it waiting for batches)")
    log.note(timeLeftNote + "\n")
  }

  private func report(
    _ evaluation: OnlineEvaluation, log: some Reporter
  ) {
    log.note("train loss : \(Self.text(progress.trainingLosses.last ?? .nan, digits: 4))")
    log.note("validation loss: \(Self.text(progress.validationLosses.last ?? .nan, digits: 4))")
    let dice = evaluation.foregroundDice.map { Self.text($0, digits: 4) }
    log.note("Average global foreground Dice: [\(dice.joined(separator: ", "))]")
    log.note(
      "(interpret this as an estimate for the Dice of the different classes. This is not exact.)")
  }

  /// Checkpoints are made from the state after the epoch, before the next one starts.
  private func writeCheckpoints(
    isBest: Bool, log: some Reporter
  ) throws {
    let isDue =
      progress.epoch % setup.recipe.epochsPerCheckpoint == 0 && !isFinished
    let savesBest = isBest && setup.recipe.savesFinalAndBest
    guard setup.ranks.isFirst, (savesBest || isDue) && setup.recipe.keepsResults else { return }
    let checkpoint = try checkpoint()
    // If a checkpoint cannot be written, at most the work since the last one is lost, which still
    // exists; ending the training would certainly lose it.
    do {
      if isDue { try CheckpointRotation(folder: setup.foldFolder).write(checkpoint) }
      if savesBest {
        try checkpoint.write(to: setup.foldFolder.file(.best))
        log.note("saved the best checkpoint so far")
      }
    } catch let error as FileError {
      log.warn("\(error.message) The training continues; the previous checkpoint is kept.")
    }
  }

  /// Saves the state between two batches, and ends the run, if somebody asked for it.
  private func answerInterruption(log: some Reporter) throws {
    guard let request = try setup.ranks.agree(on: interruption?.take()) else { return }
    if setup.ranks.isFirst {
      try CheckpointRotation(folder: setup.foldFolder).write(try checkpoint())
    }
    try setup.ranks.meet()
    let file = setup.foldFolder.file(.latest)
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

  /// `31.09 s`; nothing below a millisecond.
  private static func secondsText(_ value: Double) -> String {
    NumberText.short((value * 1000).rounded() / 1000) + " s"
  }

  private static func text(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", value)
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
    let fresh = try TrainableNetwork(
      setup.network, seed: seed &+ 1, on: setup.device, table: setup.extensions.model.networks
    ).parameters
    for (name, (tensor, source)) in zip(
      network.parameters.names, zip(network.parameters.tensors, fresh.tensors))
    where !name.holds("norm") {
      try tensor.assign(source)
    }
    progress.wasRestarted = true
  }
}

// MARK: - One batch

extension TrainingRun {
  /// Makes one step and returns the loss.
  mutating func step(
    _ batch: TrainingBatch, log: some Reporter
  ) throws -> Double {
    let parameters = network.parameters
    for tensor in parameters.tensors { try tensor.clearGradient() }
    let (outputs, targets) = try forward(batch)
    let loss = try supervision(loss, outputs: outputs, targets: targets)
    let scaled = scaler.scale == 1 ? loss : try loss * scaler.scale
    try expectBackward(of: scaled)
    try scaled.backward()
    let value = try setup.ranks.mean(loss.item())
    let gradientsAreFinite = try scaleGradients(of: parameters.tensors, by: 1 / scaler.scale)
    if gradientsAreFinite && value.isFinite {
      _ = try clipGradients(of: parameters.tensors, toNorm: setup.recipe.gradientNormLimit)
      try optimizer.step(parameters)
      stepsNotFinite = 0
    } else {
      stepsNotFinite += 1
      // Float16 occasionally overflows while its scale adapts; that is normal.
      if setup.precision != .float16 || !value.isFinite {
        log.warn("skipped a step: the loss (\(value)) or its gradients are not finite")
      }
      guard stepsNotFinite < Self.toleratedFailures else {
        throw TrainingError.notFinite(steps: stepsNotFinite, epoch: progress.epoch)
      }
    }
    scaler.update(gradientsAreFinite: gradientsAreFinite)
    return value
  }

  /// Prepares the averaging of gradients over several processes.
  private mutating func expectBackward(of loss: Tensor) throws(TorchError) {
    guard let processes = setup.ranks.processes else { return }
    if reducer == nil {
      reducer = try GradientReducer(network.parameters.tensors, of: loss, in: processes)
    }
    try reducer?.expectBackward()
  }

  private func validate(
    _ batch: TrainingBatch, _ evaluation: inout OnlineEvaluation
  ) throws -> Double {
    var own = OnlineEvaluation(classCount: evaluation.classCount)
    let (value, prediction) = try withoutGradients {
      let (outputs, targets) = try forward(batch)
      let value = try supervision(loss, outputs: outputs, targets: targets).item()
      guard setup.recipe.regions == nil else {
        own.add(logits: try outputs[0].array(), masks: batch.targets[0])
        return (value, DenseArray<UInt8>?.none)
      }
      return (value, try outputs[0].argmax(axis: 1).array(of: UInt8.self))
    }
    if let prediction { own.add(prediction: prediction, target: batch.targets[0]) }
    let sums = try setup.ranks.sum([value] + own.counts)
    evaluation.add(counts: Array(sums.dropFirst()))
    return sums[0] / Double(setup.ranks.count)
  }

  /// Runs the network; logits are always float32.
  private func forward(
    _ batch: TrainingBatch
  ) throws -> (outputs: [Tensor], targets: [Tensor]) {
    let input = try Tensor(batch.data, on: setup.device)
    let outputs = try withAutocast(to: setup.precision.scalarType, on: setup.device) {
      try network.network(input)
    }
    guard outputs.count >= supervision.weights.count else {
      throw TrainingError.tooFewOutputs(
        trainer: setup.recipe.name, found: outputs.count, expected: supervision.weights.count)
    }
    return (
      try outputs.prefix(supervision.weights.count).map { try $0.converted(to: .float32) },
      try batch.targets.map { try Tensor($0).converted(to: .int64, on: setup.device) }
    )
  }
}

// MARK: - Checkpoints

extension TrainingRun {
  /// The state after the last batch.
  func checkpoint() throws -> TrainingCheckpoint {
    TrainingCheckpoint(
      state: .init(
        progress: progress, scaler: scaler, seed: seed, network: setup.network,
        trainer: setup.recipe.name, precision: setup.precision,
        momentum: momentum, partialEpoch: partialEpoch, recipe: setup.recipe,
        origin: origin, threads: setup.computingThreads),
      weights: try network.weights(), momentum: try optimizer.state())
  }

  /// Goes on from a checkpoint.
  ///
  /// - Throws: ``TrainingError/checkpointOfOtherNetwork(path:)`` if it does not match.
  package mutating func restore(_ checkpoint: TrainingCheckpoint, from url: URL) throws {
    guard checkpoint.state.network == setup.network else {
      throw TrainingError.checkpointOfOtherNetwork(path: url.path)
    }
    try network.load(checkpoint.weights)
    try optimizer.restore(checkpoint.momentum, parameters: network.parameters)
    progress = checkpoint.state.progress
    scaler =
      checkpoint.state.precision == setup.precision
      ? checkpoint.state.scaler : LossScaler(for: setup.precision)
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
}
