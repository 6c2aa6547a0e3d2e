import Arrays
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Training

/// The readable form of a loss, in the log and in messages.
@Suite struct LossNameTests {
  @Test(
    arguments: [
      (
        [.dice(smoothing: 1e-5, background: false), .crossEntropy], [1, 1], "Dice + cross entropy"
      ),
      ([.topCrossEntropy(percent: 10)], [1], "cross entropy of the worst 10 %"),
      (
        [.focal(alpha: 0.5, gamma: 2), .matthewsCorrelation(background: true)], [1, 0.5],
        "focal loss + 0.5 × Matthews correlation"
      ),
      (
        [
          .squaredDice(smoothing: 1, background: true),
          .generalizedDice(smoothing: 1, background: true),
        ],
        [2, 1], "2 × Dice with squares + generalized Dice"
      ),
      (
        [.regionDice(smoothing: 0), .binaryCrossEntropy], [1, 1],
        "Dice of regions + binary cross entropy"
      ),
      ([.registered(name: "mine")], [1], "mine"),
    ] as [([LossRecipe.Kind], [Double], String)])
  func lossesHaveWords(kinds: [LossRecipe.Kind], weights: [Double], text: String) {
    var recipe = LossRecipe(zip(kinds, weights).map { LossRecipe.Term($0, weight: $1) })
    #expect(recipe.description == text)
    recipe.transition = .init(from: 1, to: 2, weights: weights)
    #expect(recipe.description == text + ", with a transition")
  }

  /// Internal names, such as `crossEntropy`, are not in logs.
  @Test func noTrainersLossIsNamedByTheProgramsNames() throws {
    for recipe in TrainingRecipe.all {
      let words = recipe.loss.description.split(separator: " ")
      #expect(!words.isEmpty)
      for word in words {
        let isCamelCase =
          word.dropFirst().contains { $0.isUppercase } && word.first?.isLowercase == true
        #expect(!isCamelCase && !word.contains("("), "\(recipe.name): \(recipe.loss.description)")
      }
    }
  }
}

/// Logits, targets, losses and gradients of `MultipleOutputLoss2(DC_and_CE_loss)`; see
/// `Fixtures/networks/convert.py`.
@Suite struct LossTests {
  struct Expected: Decodable {
    var loss: Double
    var weights: [Double]
    var sumsOverBatch: Bool
    var lossPerLevel: [Double]
    var dicePerLevel: [Double]

    enum CodingKeys: String, CodingKey {
      case loss, weights
      case sumsOverBatch = "batch_dice"
      case lossPerLevel = "per_level"
      case dicePerLevel = "dice_per_level"
    }
  }

  @Test(arguments: ["2d_bd0", "2d_bd1", "3d_bd0", "3d_bd1"])
  func lossAndGradientsEqualTheReference(name: String) throws {
    let file = try SafetensorsFile(contentsOf: fixtureURL("loss/loss.safetensors"))
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(try #require(file.metadata[name]).utf8))
    func array(_ suffix: String) throws -> DenseArray<Float> {
      try #require(file.arrays.first { $0.name == "\(name)_\(suffix)" }).array
    }
    let logits = try (0..<3).map { try Tensor(try array("logits\($0)")) }
    let targets = try (0..<3).map { try labelTensor(try array("target\($0)")) }
    for tensor in logits { try tensor.setRequiresGradient(true) }

    let supervision = DeeplySupervisedLoss(levels: 3)
    expectClose(supervision.weights, expected.weights, absolute: 1e-12)
    let loss = RecipeLoss(.diceAndCrossEntropy, sumsOverBatch: expected.sumsOverBatch)
    for level in 0..<3 {
      let value = try loss(logits: logits[level], labels: targets[level]).item()
      #expect(abs(value - expected.lossPerLevel[level]) < 1e-5)
      let dice = try SoftDice(sumsOverBatch: expected.sumsOverBatch)(
        logits: logits[level], labels: targets[level]
      ).item()
      #expect(abs(dice - expected.dicePerLevel[level]) < 1e-5)
    }
    let total = try supervision(loss, outputs: logits, targets: targets)
    #expect(abs(try total.item() - expected.loss) < 1e-5)
    try total.backward()
    for level in 0..<2 {
      let gradient: DenseArray<Float> = try #require(try logits[level].gradient()).array()
      let golden = try array("grad\(level)")
      let scale = Double(golden.scalars.map(abs).max() ?? 0)
      expectClose(gradient.scalars, golden.scalars, absolute: 1e-3 * scale)
    }
    #expect(try logits[2].gradient() == nil, "the last level has no weight")
  }

  @Test func oneLevelKeepsItsWeight() {
    #expect(DeeplySupervisedLoss(levels: 1).weights == [1])
    #expect(DeeplySupervisedLoss(levels: 2).weights == [1, 0])
  }
}

/// Five steps of v1's optimizer on tiny networks: `Fixtures/networks/convert.py`.
@Suite struct TrajectoryTests {
  struct Expected: Decodable {
    var losses: [Double]
    var gradientNorms: [Double]
    var parametersWithoutGradient: [String]

    enum CodingKeys: String, CodingKey {
      case losses
      case gradientNorms = "grad_norms"
      case parametersWithoutGradient = "no_grad_params"
    }
  }

  @Test(arguments: ["unet2d", "unet3d"])
  func fiveStepsFollowTheReference(name: String) throws {
    let file = try SafetensorsFile(contentsOf: fixtureURL("networks/\(name).safetensors"))
    func decoded<Value: Decodable>(_ key: String) throws -> Value {
      try JSONDecoder().decode(Value.self, from: Data(try #require(file.metadata[key]).utf8))
    }
    func arrays(_ prefix: String) -> [NamedArray] {
      file.arrays.filter { $0.name.hasPrefix(prefix) }
        .map { NamedArray(name: String($0.name.dropFirst(prefix.count)), array: $0.array) }
    }
    let expected: Expected = try decoded("trajectory")
    let strides: [[Int]] = try decoded("pool_op_kernel_sizes")
    let configuration = UNetConfiguration(
      inputChannels: try decoded("input_channels"), outputChannels: try decoded("num_classes"),
      baseFeatures: try decoded("base_num_features"), maximumFeatures: 320, poolStrides: strides,
      kernels: try decoded("conv_kernel_sizes"), convolutionsPerStage: 2)
    let network = try TrainableNetwork(configuration, seed: 0, on: .cpu)
    try network.load(arrays("weight/"))
    let input = try Tensor(try #require(arrays("input").first).array)
    let targets = try arrays("target/").map { try labelTensor($0.array) }
    let loss = RecipeLoss(.diceAndCrossEntropy, sumsOverBatch: true)
    var optimizer = StochasticGradientDescent(
      options: SGDOptions(
        learningRate: 0.01, momentum: 0.99, weightDecay: 3e-5, usesNesterov: true),
      parameters: network.parameters)
    for step in expected.losses.indices {
      for tensor in network.parameters.tensors { try tensor.clearGradient() }
      let value = try DeeplySupervisedLoss(levels: strides.count)(
        loss, outputs: network.network(input), targets: targets)
      try value.backward()
      #expect(abs(try value.item() / expected.losses[step] - 1) < 1e-3)
      if step == 0 {
        try compareGradients(of: network.parameters, with: arrays("gradient/"), expected)
      }
      let norm = try clipGradients(of: network.parameters.tensors, toNorm: 12)
      #expect(abs(norm / expected.gradientNorms[step] - 1) < 1e-3)
      try optimizer.step(network.parameters)
    }
    let untrained = Set(network.parameters.names).subtracting(try optimizer.state().map(\.name))
    #expect(untrained == Set(expected.parametersWithoutGradient))
  }

  private func compareGradients(
    of parameters: ParameterStore, with golden: [NamedArray], _ expected: Expected
  ) throws {
    let golden = Dictionary(uniqueKeysWithValues: golden.map { ($0.name, $0.array) })
    for (name, tensor) in zip(parameters.names, parameters.tensors) {
      guard !expected.parametersWithoutGradient.contains(name) else {
        #expect(try tensor.gradient() == nil)
        continue
      }
      let gradient: DenseArray<Float> = try #require(try tensor.gradient()).array()
      let reference = try #require(golden[name])
      // Gradients of biases before a normalization are zero but for rounding.
      let scale = Double(reference.scalars.map(abs).max() ?? 0)
      expectClose(
        gradient.scalars, reference.scalars, absolute: 1e-3 * scale + 1e-6, "gradient of \(name)")
    }
  }
}

@Suite struct LearningRateScheduleTests {
  /// `golden/numerics/d_poly_lr.json`.
  @Test func ratesEqualTheReference() {
    let schedule = LearningRateSchedule()
    for (epoch, rate) in [
      (0, 0.01), (1, 0.009990999549834914), (10, 0.009909954834128341), (500, 0.005358867312681466),
      (999, 1.995262314968881e-05),
    ] {
      #expect(abs(schedule.rate(epoch: epoch, of: 1000) / rate - 1) < 1e-12)
    }
    #expect(schedule.rate(epoch: 1000, of: 1000) == 0)
  }
}

/// Labels `(batch, 1, spatial…)` in the form that the loss needs.
func labelTensor(_ array: DenseArray<Float>) throws -> Tensor {
  try Tensor(array.map(Int64.init).reshaped(to: [array.shape[0]] + array.shape.dropFirst(2)))
}
