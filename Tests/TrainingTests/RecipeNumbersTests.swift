import Arrays
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Training

/// Numbers of nnU-Net v1 and PyTorch: `Fixtures/recipes/generate.py`.
struct RecipeNumbers: Decodable {
  struct Loss: Decodable {
    var name: String
    var batch: Bool
    var value: Double
    var gradient: [Float]
  }
  struct Rate: Decodable {
    var epoch: Int
    var rate: Double
  }
  struct Plateau: Decodable {
    var losses: [Double]
    var rates: [Double]
  }
  var shape: [Int]
  var logits: [Float]
  var labels: [Int64]
  var masks: [Int64]
  var losses: [Loss]
  var adam: [[Float]]
  var amsgrad: [[Float]]
  var schedules: [String: [Rate]]
  var plateau: Plateau

  static func read() throws -> RecipeNumbers {
    try JSONDecoder().decode(
      RecipeNumbers.self, from: Data(contentsOf: fixtureURL("recipes/recipes.json")))
  }
}

@Suite struct RecipeNumbersTests {
  private static let kinds: [String: LossRecipe] = [
    "dice": .only(.foregroundDice),
    "diceBackground": .only(.dice(smoothing: 1e-5, background: true)),
    "diceNoSmooth": .only(.dice(smoothing: 0, background: false)),
    "squaredDice": .only(.squaredDice(smoothing: 1e-5, background: false)),
    "generalizedDice": .only(.generalizedDice(smoothing: 1e-5, background: false)),
    "matthews": .only(.matthewsCorrelation(background: true)),
    "matthewsForeground": .only(.matthewsCorrelation(background: false)),
    "regions": .sum(.regionDice(smoothing: 0), .binaryCrossEntropy),
    "crossEntropy": .only(.crossEntropy),
    "topCrossEntropy": .only(.topCrossEntropy(percent: 10)),
    "focal": .only(.focal(alpha: 0.5, gamma: 2)),
  ]

  @Test func lossesAndGradientsEqualTheReference() throws {
    let numbers = try RecipeNumbers.read()
    #expect(Set(numbers.losses.map(\.name)) == Set(Self.kinds.keys))
    let labels = try Tensor(
      DenseArray(shape: [numbers.shape[0]] + numbers.shape.dropFirst(2), scalars: numbers.labels))
    let masks = try Tensor(DenseArray(shape: numbers.shape, scalars: numbers.masks))
    for expected in numbers.losses {
      let logits = try Tensor(DenseArray(shape: numbers.shape, scalars: numbers.logits))
      try logits.setRequiresGradient(true)
      let loss = RecipeLoss(try #require(Self.kinds[expected.name]), sumsOverBatch: expected.batch)
      let value = try loss(logits: logits, labels: expected.name == "regions" ? masks : labels)
      #expect(abs(try value.item() - expected.value) < 2e-6, "\(expected.name)")
      try value.backward()
      let gradient: DenseArray<Float> = try #require(try logits.gradient()).array()
      let some = stride(from: 0, to: gradient.scalars.count, by: 7).map { gradient.scalars[$0] }
      expectClose(some, expected.gradient, absolute: 1e-6, "\(expected.name)")
    }
  }

  @Test func weightsOfALossChangeWithTheEpoch() throws {
    let loss = try TrainingRecipe.named("nnUNetTrainerV2_graduallyTransitionFromCEToDice").loss
    for (epoch, weights) in [
      (0, [0.0, 2]), (501, [0, 2]), (626, [1, 1]), (751, [2, 0]), (999, [2, 0]),
    ] {
      expectClose(loss.weights(epoch: epoch), weights, absolute: 1e-12)
    }
  }

  @Test(arguments: [false, true]) func adamStepsAsPyTorch(amsgrad: Bool) throws {
    let numbers = try RecipeNumbers.read()
    let parameter = try Tensor(DenseArray(shape: [3], scalars: [Float(0.5), -1, 2]))
    try parameter.setRequiresGradient(true)
    let slope = try Tensor(DenseArray(shape: [3], scalars: [Float(1), -2, 0.5]))
    var moments: [Tensor?] = [nil, nil, nil]
    let options = AdamOptions(learningRate: 0.01, weightDecay: 3e-5, keepsLargest: amsgrad)
    for (step, expected) in (amsgrad ? numbers.amsgrad : numbers.adam).enumerated() {
      try parameter.clearGradient()
      try ((parameter * slope).sum() * (1 / Double((step + 1) * (step + 1)))).backward()
      try adamStep([parameter], moments: &moments, options: options, step: step + 1)
      let values: DenseArray<Float> = try parameter.detached().array()
      expectClose(values.scalars, expected, absolute: 1e-6)
    }
    #expect((moments[2] != nil) == amsgrad)
  }

  @Test func rangerStepsAsVersion1() throws {
    let expected = try JSONDecoder().decode(
      [[Float]].self, from: Data(contentsOf: fixtureURL("recipes/ranger.json")))
    let parameter = try Tensor(DenseArray(shape: [3], scalars: [Float(0.5), -1, 2]))
    try parameter.setRequiresGradient(true)
    let slope = try Tensor(DenseArray(shape: [3], scalars: [Float(1), -2, 0.5]))
    var moments: [Tensor?] = [nil, nil, nil]
    let options = RangerOptions(learningRate: 0.01, weightDecay: 3e-5)
    #expect(expected.count == 20, "slow weights follow three times, the rectification begins")
    for (step, values) in expected.enumerated() {
      try parameter.clearGradient()
      try ((parameter * slope).sum() * (1 / Double((step + 1) * (step + 1)))).backward()
      try rangerStep([parameter], moments: &moments, options: options, step: step + 1)
      let moved: DenseArray<Float> = try parameter.detached().array()
      expectClose(moved.scalars, values, absolute: 1e-6, "step \(step)")
    }
  }

  @Test func ratesEqualTheReference() throws {
    let numbers = try RecipeNumbers.read()
    #expect(numbers.schedules.count == 4)
    for (name, rates) in numbers.schedules {
      let recipe = try TrainingRecipe.named(name)
      for expected in rates {
        let rate = recipe.learningRate(epoch: expected.epoch, trainingLosses: [])
        #expect(abs(rate - expected.rate) < 1e-12, "\(name), epoch \(expected.epoch)")
      }
    }
    let steps = try TrainingRecipe.named("nnUNetTrainerV2_SGD_fixedSchedule")
    for (epoch, rate) in [(0, 0.01), (499, 0.01), (500, 1e-3), (675, 1e-4), (850, 1e-5)] {
      #expect(abs(steps.learningRate(epoch: epoch, trainingLosses: []) - rate) < 1e-15)
    }
  }

  @Test func aPlateauLowersTheRateAsPyTorchDoes() throws {
    let plateau = try RecipeNumbers.read().plateau
    let recipe = try TrainingRecipe.named("nnUNetTrainerV2_SGD_ReduceOnPlateau")
    let rates = plateau.rates.indices.map {
      recipe.learningRate(epoch: $0, trainingLosses: plateau.losses)
    }
    expectClose(rates, plateau.rates, absolute: 1e-12)
    #expect(plateau.rates.last! < 0.003, "the fixture has a plateau")
  }

  @Test func momentumFallsAfterEpoch800() throws {
    let recipe = try TrainingRecipe.named("nnUNetTrainerV2_reduceMomentumDuringTraining")
    for (epoch, momentum) in [(0, 0.99), (801, 0.99), (901, 0.945), (999, 0.9009)] {
      #expect(abs(recipe.momentum(epoch: epoch, is2D: false) - momentum) < 1e-12)
    }
    let flat = try TrainingRecipe.named("nnUNetTrainerV2_momentum09in2D")
    #expect(flat.momentum(epoch: 0, is2D: true) == 0.9)
    #expect(flat.momentum(epoch: 0, is2D: false) == 0.99)
  }
}
