import Arrays
import Augmentation
import Foundation
import HostSystem
import Networks
import Plans
import TestSupport
import Testing
import Torch
import TrainedModels

@testable import Training

/// What packages add to training.
@Suite(.serialized) struct TrainingExtensionTests {
  /// The mean square of the logits, times a factor.
  private struct Square: SegmentationLoss {
    var factor: Double

    func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
      try (logits * logits).mean() * factor
    }
  }

  private struct Nothing: FixedTransform {
    func apply(to sample: inout AugmentationSample) {}
  }

  /// Descends with a weighted mean of the last two gradients.
  private struct TwoStep: Training.Optimizer {
    var rate: Double
    let share: Double
    var last: [String: Tensor] = [:]

    mutating func set(learningRate: Double, momentum: Double) { rate = learningRate }

    mutating func step(_ parameters: ParameterStore) throws {
      for (name, parameter) in zip(parameters.names, parameters.tensors) {
        guard let gradient = try parameter.gradient() else { continue }
        try withoutGradients {
          try parameter.add(gradient, scaledBy: -rate * (1 - share))
          if let before = last[name] { try parameter.add(before, scaledBy: -rate * share) }
        }
        last[name] = try gradient.clone()
      }
    }

    func state() throws -> [NamedArray] {
      try last.map { NamedArray(name: $0.key, array: try $0.value.array()) }
    }

    mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws {
      for entry in state { last[entry.name] = try Tensor(entry.array) }
    }
  }

  /// A run that stopped after an epoch ends as one that did not, optimizer of a package included.
  @Test func aRegisteredOptimizerResumesBitForBit() throws {
    func run(_ task: TinyTask, epochs: Int, resumes: Bool = false) throws -> TrainingRun {
      let setup = try task.setup(epochs: epochs, extensions: extensions) {
        $0.optimizer = .registered(name: "twoStep", parameters: ["share": 0.4])
        $0.schedule.phases = .steps([(0, 1)])
      }
      try makeFolder(at: setup.foldFolder.url)
      var run = try TrainingRun(setup)
      if resumes { try run.resume(reportingTo: SilentReporter()) }
      try run.run(reportingTo: SilentReporter())
      return run
    }
    let whole = try run(TinyTask(), epochs: 2)
    let task = try TinyTask()
    let first = try run(task, epochs: 1)
    try first.checkpoint().write(to: first.setup.foldFolder.file(.latest))
    let second = try run(task, epochs: 2, resumes: true)
    #expect(try second.network.weights() == whole.network.weights())
    #expect(try first.network.weights() != whole.network.weights())
    #expect(try second.checkpoint().momentum.isEmpty == false)
  }

  private var extensions: TrainingExtensions {
    var result = TrainingExtensions()
    result.losses["square"] = RegisteredLoss(parameters: ["factor": 3]) {
      Square(factor: $0["factor"])
    }
    result.optimizers["twoStep"] = RegisteredOptimizer(parameters: ["share": 0.5]) {
      TwoStep(rate: $0.learningRate, share: $0["share"])
    }
    result.transforms["nothing"] = { _ in Nothing() }
    result.model.networks.register("plain") { try GenericUNet($0, in: $1) }
    return result
  }

  @Test func aRegisteredLossTakesTheParametersOfTheRecipe() throws {
    let logits = try Tensor(DenseArray<Float>(shape: [1, 2, 2], scalars: [1, 2, 3, 4]))
    let labels = try Tensor(DenseArray<Int64>(shape: [1, 2], scalars: [0, 1]))
    func value(_ parameters: [String: Double], weight: Double = 1) throws -> Double {
      let recipe = LossRecipe([
        .init(.registered(name: "square", parameters: parameters), weight: weight)
      ])
      return try RecipeLoss(recipe, sumsOverBatch: true, registered: extensions.losses)(
        logits: logits, labels: labels
      ).item()
    }
    #expect(abs(try value([:]) - 22.5) < 1e-6)
    #expect(abs(try value(["factor": 1], weight: 2) - 15) < 1e-6)
  }

  @Test func recipesNameWhatPackagesRegister() throws {
    let file = try temporaryFolder().appending(path: "mine.json")
    let text = """
      {"loss": {"terms": [{"kind": {"registered": {"name": "square"}}, "weight": 1}]},
       "transforms": ["nothing"], "network": {"registered": "plain"}}
      """
    try Data(text.utf8).write(to: file)
    let recipe = try TrainingRecipe(contentsOf: file, base: .named("nnUNetTrainerV2"))
    #expect(recipe.loss.terms.map(\.kind) == [.registered(name: "square")])
    #expect(recipe.transforms == ["nothing"])
    #expect(recipe.network.registered == "plain")
    #expect("\(recipe.loss)" == "square")
    try extensions.check(recipe)
    var known = recipe
    known.name = "mine"
    #expect(try TrainingRecipe.named("mine", or: [known]) == known)
  }

  @Test func refusesWhatNobodyRegistered() throws {
    var recipe = TrainingRecipe(name: "mine")
    func problem() -> TrainingError? {
      #expect(throws: TrainingError.self) { try extensions.check(recipe) }
    }
    recipe.transforms = ["nothing", "something"]
    #expect(
      problem()
        == .notRegistered(
          kind: "transform", name: "something", trainer: "mine", known: ["nothing"]))
    recipe.transforms = []
    recipe.network.registered = "mine"
    #expect(
      problem()
        == .notRegistered(kind: "network", name: "mine", trainer: "mine", known: ["plain"]))
    recipe.network.registered = nil
    recipe.loss = .only(.registered(name: "square", parameters: ["facto": 1]))
    #expect(
      problem()
        == .notRegistered(
          kind: "parameter of the loss square", name: "facto", trainer: "mine", known: ["factor"]))
    recipe.loss = .only(.crossEntropy)
    recipe.optimizer = .registered(name: "oneStep")
    #expect(
      problem()
        == .notRegistered(kind: "optimizer", name: "oneStep", trainer: "mine", known: ["twoStep"]))
    recipe.loss = .only(.registered(name: "cube"))
    #expect(
      problem()
        == .notRegistered(kind: "loss", name: "cube", trainer: "mine", known: ["square"]))
  }

  /// A run with everything that packages can add is resumed with it, and refused without.
  @Test func aRunIsResumedWithItsExtensionsAlone() throws {
    let task = try TinyTask()
    var setup = try task.setup(epochs: 2, extensions: extensions) {
      $0.loss = .sum(.registered(name: "square"), .crossEntropy)
      $0.transforms = ["nothing"]
      $0.network.registered = "plain"
    }
    try TrainingSession(setup: setup).run(reporter: SilentReporter())
    let checkpoint = try TrainingCheckpoint(contentsOf: setup.foldFolder.file(.final))
    #expect(checkpoint.state.network.registeredName == "plain")
    #expect(checkpoint.state.recipe == setup.recipe)
    setup.recipe.epochs = 2
    var session = TrainingSession(setup: setup)
    session.start = .resuming
    try session.run(reporter: SilentReporter())
    session.setup.extensions = TrainingExtensions()
    #expect(throws: TrainingError.self) { try session.run(reporter: SilentReporter()) }
  }

  /// A network that gives fewer outputs than are supervised.
  private struct Shallow: SegmentationNetwork {
    let network: GenericUNet
    var architecture: NetworkArchitecture { network.architecture }

    func callAsFunction(_ input: Tensor) throws(TorchError) -> [Tensor] {
      [try network.fullResolutionLogits(input)]
    }

    func fullResolutionLogits(_ input: Tensor) throws(TorchError) -> Tensor {
      try network.fullResolutionLogits(input)
    }
  }

  @Test func explainsThatOutputsAreMissing() throws {
    var extensions = extensions
    extensions.model.networks.register("shallow") {
      Shallow(network: try GenericUNet($0, in: $1))
    }
    let setup = try TinyTask().setup(epochs: 1, extensions: extensions) {
      $0.network.registered = "shallow"
    }
    #expect(
      throws: TrainingError.tooFewOutputs(trainer: "nnUNetTrainerV2", found: 1, expected: 2)
    ) { try TrainingSession(setup: setup).run(reporter: SilentReporter()) }
  }
}
