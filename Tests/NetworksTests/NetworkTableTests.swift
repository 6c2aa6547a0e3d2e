import Arrays
import TestSupport
import Testing
import Torch

@testable import Networks

@Suite struct NetworkTableTests {
  /// nnU-Net's block times a learned number.
  private struct ScaledBlock: UNetBlock {
    let block: ConvolutionBlock
    let scale: Tensor

    init(
      from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
      configuration: UNetConfiguration, in scope: ParameterScope
    ) throws(TorchError) {
      block = try ConvolutionBlock(
        from: inputs, to: features, kernel: kernel, stride: stride, configuration: configuration,
        in: scope)
      scale = try scope.parameter("scale", shape: [1], .ones)
    }

    func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor { try block(input) * scale }
  }

  private var configuration: UNetConfiguration {
    UNetConfiguration(
      inputChannels: 2, outputChannels: 3, baseFeatures: 8, maximumFeatures: 32,
      poolStrides: [[2, 2], [2, 2]], kernels: [[3, 3], [3, 3], [3, 3]])
  }

  private func input() throws -> Tensor {
    try Tensor(normalWithShape: [1, 2, 16, 16], standardDeviation: 1, seed: 5)
  }

  @Test func aRegisteredBlockIsInEveryStage() throws {
    var named = configuration
    named.registeredName = "scaled"
    var table = NetworkTable()
    table.register("scaled", block: ScaledBlock.self)
    let trainable = try TrainableNetwork(named, seed: 1, on: .cpu, table: table)
    let plain = try TrainableNetwork(configuration, seed: 1, on: .cpu)
    // Two blocks at each of three encoder stages and two decoder levels.
    let scales = trainable.parameters.names.filter { $0.hasSuffix("scale") }
    #expect(scales.count == 10)
    #expect(trainable.parameters.names.count == plain.parameters.names.count + 10)
    // A scale of 1 changes nothing once the other weights are equal; one of 0 leaves no logits.
    let ones = scales.map {
      NamedArray(name: $0, array: DenseArray<Float>(shape: [1], filledWith: 1))
    }
    try trainable.load(plain.weights() + ones)
    let logits: DenseArray<Float> = try trainable.network.fullResolutionLogits(input()).array()
    #expect(try logits == plain.network.fullResolutionLogits(input()).array())
    let zeros = ones.map {
      NamedArray(name: $0.name, array: DenseArray<Float>(shape: [1], filledWith: 0))
    }
    try trainable.load(plain.weights() + zeros)
    let none: DenseArray<Float> = try trainable.network.fullResolutionLogits(input()).array()
    #expect(none.scalars.allSatisfy { $0 == 0 })
  }

  @Test func aRegisteredNetworkIsMadeOfItsConfiguration() throws {
    var named = configuration
    named.registeredName = "wide"
    var table = NetworkTable()
    table.register("wide") { configuration, scope in
      var wide = configuration
      wide.baseFeatures *= 2
      return try GenericUNet(wide, in: scope)
    }
    let weights = try TrainableNetwork(named, seed: 1, on: .cpu, table: table).weights()
    let first = weights.first { $0.name == "conv_blocks_context.0.blocks.0.conv.weight" }
    #expect(first?.array.shape == [16, 2, 3, 3])
  }

  @Test func refusesANetworkThatNobodyRegistered() throws {
    var named = configuration
    named.registeredName = "mine"
    #expect(throws: NetworkError.notRegistered(name: "mine", known: [])) {
      try TrainableNetwork(named, seed: 1, on: .cpu)
    }
    var table = NetworkTable()
    table.register("yours", block: ScaledBlock.self)
    #expect(throws: NetworkError.notRegistered(name: "mine", known: ["yours"])) {
      try TrainableNetwork(named, seed: 1, on: .cpu, table: table)
    }
  }
}
