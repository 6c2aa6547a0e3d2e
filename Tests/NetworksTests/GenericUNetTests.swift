import Arrays
import Foundation
import TestSupport
import Testing
import Torch

@testable import Networks

@Suite struct GenericUNetTests {
  @Test(arguments: ["unet2d", "unet3d"])
  func parametersAreNamedAndOrderedAsInVersion1(name: String) throws {
    let reference = try ReferenceNetwork(name)
    let network = try TrainableNetwork(try reference.configuration(), seed: 1, on: .cpu)
    let expected: [String] = try reference.metadata("state_keys")
    #expect(network.parameters.names == expected)
  }

  @Test(arguments: ["unet2d", "unet3d"])
  func outputsEqualTheReference(name: String) throws {
    let reference = try ReferenceNetwork(name)
    let network = try TrainableNetwork(try reference.configuration(), seed: 1, on: .cpu)
    try network.load(reference.arrays(below: "weight"))
    let input = try Tensor(try reference.array("input"))
    try withoutGradients {
      let outputs = try network.network(input)
      for (level, expected) in reference.arrays(below: "output").enumerated() {
        let output: DenseArray<Float> = try outputs[level].array()
        #expect(output.shape == expected.array.shape)
        expectClose(output.scalars, expected.array.scalars, absolute: 1e-4)
      }
      let finest: DenseArray<Float> = try network.network.fullResolutionLogits(input).array()
      #expect(finest == (try outputs[0].array()))
    }
  }

  /// Inference in bfloat16 is closer to 32-bit floats than training, which rounds everywhere.
  @Test func logitsForInferenceRoundLess() throws {
    let reference = try ReferenceNetwork("unet3d")
    let trainable = try TrainableNetwork(try reference.configuration(), seed: 1, on: .cpu)
    try trainable.load(reference.arrays(below: "weight"))
    let network = trainable.network
    let input = try Tensor(try reference.array("input"))
    try withoutGradients {
      let exact = try network.fullResolutionLogits(input)
      let (short, precise) = try withAutocast(to: .bfloat16, on: .cpu) {
        try (network(input)[0], network.fullResolutionLogits(input))
      }
      #expect(try short.scalarType == .bfloat16 && precise.scalarType == .float32)
      let (least, most) = try (error(of: precise, exact), error(of: short, exact))
      #expect(least > 0 && least < most, "\(least) and \(most)")
    }
  }

  /// The first block loses only the rounding of its output.
  @Test(arguments: [1, 4])
  func sumsOfTwoNumbersLoseLittle(channels: Int) throws {
    var configuration = try ReferenceNetwork("unet3d").configuration()
    configuration.inputChannels = channels
    let block = try ConvolutionBlock(
      from: channels, to: 16, kernel: [3, 3, 3], stride: [1, 1, 1], configuration: configuration,
      in: ParameterScope(store: ParameterStore(seed: 3, device: .cpu)))
    let input = try Tensor(
      normalWithShape: [2, channels, 9, 8, 7], standardDeviation: 1, seed: 5
    ).laidOutForConvolutions()
    try withoutGradients {
      let exact = try block(input)
      let (short, split) = try withAutocast(to: .bfloat16, on: .cpu) {
        try (block(input), block.splitting(input))
      }
      let (least, most) = try (error(of: split, exact), error(of: short, exact))
      #expect(least > 0 && least < 0.7 * most, "\(least) and \(most)")
    }
  }

  private func error(of found: Tensor, _ expected: Tensor) throws -> Float {
    let found: DenseArray<Float> = try found.converted(to: .float32).array()
    let expected: DenseArray<Float> = try expected.array()
    return zip(found.scalars, expected.scalars).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test func weightsAreDrawnAsKaimingAsks() throws {
    let reference = try ReferenceNetwork("unet3d")
    let configuration = try reference.configuration()
    let network = try TrainableNetwork(configuration, seed: 7, on: .cpu)
    for weight in try network.weights() where weight.name.hasSuffix("conv.weight") {
      let values = weight.array.scalars.map(Double.init)
      let fanIn = Double(weight.array.shape.dropFirst().reduce(1, *))
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      let expected = (2 / 1.0001 / fanIn).squareRoot()
      // Five standard errors of an estimated deviation.
      #expect(abs(deviation / expected - 1) < 5 / (2 * Double(values.count)).squareRoot())
    }
  }

  @Test func equalSeedsGiveEqualWeights() throws {
    let configuration = try ReferenceNetwork("unet2d").configuration()
    let first = try TrainableNetwork(configuration, seed: 3, on: .cpu).weights()
    #expect(try TrainableNetwork(configuration, seed: 3, on: .cpu).weights() == first)
    #expect(try TrainableNetwork(configuration, seed: 4, on: .cpu).weights() != first)
  }

  @Test func foreignWeightsAreRefusedByName() throws {
    let reference = try ReferenceNetwork("unet2d")
    let network = try TrainableNetwork(try reference.configuration(), seed: 1, on: .cpu)
    var weights = reference.arrays(below: "weight")
    let last = weights.removeLast()
    #expect(throws: CheckpointError.missingParameter(name: last.name)) {
      try network.load(weights)
    }
    weights.append(NamedArray(name: last.name, array: DenseArray(shape: [1], scalars: [0])))
    #expect(
      throws: CheckpointError.shapeMismatch(
        name: last.name, found: [1], expected: last.array.shape)
    ) { try network.load(weights) }
  }
}
