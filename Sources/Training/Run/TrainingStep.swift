import Arrays
import HostSystem
import Networks
import Torch
import TrainedModels

/// What is done with one batch: the network, its loss, the gradients and the optimizer.
///
/// It knows nothing of epochs but the numbers that ``begin(epoch:learningRate:momentum:)`` sets, and
/// writes no files.
struct TrainingStep {
  let network: TrainableNetwork
  private(set) var optimizer: any Optimizer
  private(set) var scaler: LossScaler
  private var loss: RecipeLoss
  private let supervision: DeeplySupervisedLoss
  private let setup: TrainingSetup
  /// Averages the gradients over several processes; made with the first batch.
  private var reducer: GradientReducer?
  private var stepsNotFinite = 0

  /// The number of consecutive steps that may fail before the training ends.
  static let toleratedFailures = 50

  /// Builds the network with new weights.
  init(_ setup: TrainingSetup) throws {
    self.setup = setup
    network = try setup.makeNetwork(seed: setup.seed)
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

  /// Sets what holds for all batches of an epoch.
  mutating func begin(epoch: Int, learningRate: Double, momentum: Double) {
    optimizer.set(learningRate: learningRate, momentum: momentum)
    loss.epoch = epoch
  }

  /// Changes the weights by one batch.
  ///
  /// - Returns: The loss before the change, averaged over the processes.
  /// - Throws: ``TrainingError/notFinite(steps:epoch:)`` after too many steps without a finite loss or
  ///   gradient, `TorchError`.
  mutating func train(
    on batch: TrainingBatch, log: some Reporter
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
        throw TrainingError.notFinite(steps: stepsNotFinite, epoch: self.loss.epoch)
      }
    }
    scaler.update(gradientsAreFinite: gradientsAreFinite)
    return value
  }

  /// Adds the counts of one batch to an evaluation.
  ///
  /// - Returns: The loss, averaged over the processes.
  func validate(on batch: TrainingBatch, into evaluation: inout OnlineEvaluation) throws -> Double {
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

  /// Prepares the averaging of gradients over several processes.
  private mutating func expectBackward(of loss: Tensor) throws(TorchError) {
    guard let processes = setup.ranks.processes else { return }
    if reducer == nil {
      reducer = try GradientReducer(network.parameters.tensors, of: loss, in: processes)
    }
    try reducer?.expectBackward()
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

// MARK: - State

extension TrainingStep {
  /// Takes the state of a checkpoint over.
  ///
  /// - Parameter checkpoint: Of a network of the same shape.
  /// - Throws: `CheckpointError` if weights or momentum do not match.
  mutating func restore(_ checkpoint: TrainingCheckpoint) throws {
    try network.load(checkpoint.weights)
    try optimizer.restore(checkpoint.momentum, parameters: network.parameters)
    scaler =
      checkpoint.state.precision == setup.precision
      ? checkpoint.state.scaler : LossScaler(for: setup.precision)
  }

  /// Gives the convolutions new weights; normalizations and the optimizer keep their state.
  func drawWeightsAgain(seed: UInt64) throws {
    let fresh = try setup.makeNetwork(seed: seed).parameters
    for (name, (tensor, source)) in zip(
      network.parameters.names, zip(network.parameters.tensors, fresh.tensors))
    where !name.holds("norm") {
      try tensor.assign(source)
    }
  }
}

extension TrainingSetup {
  /// The network with new weights.
  fileprivate func makeNetwork(seed: UInt64) throws -> TrainableNetwork {
    try TrainableNetwork(network, seed: seed, on: device, table: extensions.model.networks)
  }
}
