import Arrays
import Foundation
import TestSupport
import Testing
import Torch

@testable import Networks

@Suite struct ResidualUNetTests {
  private func network(
    _ reference: ReferenceNetwork, batchNormalization: Bool = false
  ) throws -> TrainableNetwork {
    var configuration = try reference.configuration()
    configuration.maximumFeatures = 320
    configuration.residualBlocks = ResidualBlocks(encoder: [1, 1, 2], decoder: [1, 1])
    if batchNormalization { configuration.normalization = .batch }
    let network = try TrainableNetwork(configuration, seed: 1, on: .cpu)
    try network.load(
      reference.arrays(below: "weight").map {
        // The file holds this number as an array of one.
        $0.name.hasSuffix("num_batches_tracked")
          ? NamedArray(name: $0.name, array: $0.array.reshaped(to: [])) : $0
      })
    return network
  }

  @Test(arguments: ["residual2d", "residual3d", "residual3d_bn"])
  func numbersEqualFabiansUNet(name: String) throws {
    let reference = try ReferenceNetwork(name)
    let network = try network(reference, batchNormalization: name.hasSuffix("_bn"))
    let keys: [String] = try reference.metadata("state_keys")
    #expect(network.parameters.state.map(\.name) == keys)
    let outputs = try network.network(Tensor(try reference.array("input")))
    let expected = reference.arrays(below: "output")
    #expect(outputs.count == expected.count)
    var total: Tensor?
    for (level, output) in outputs.enumerated() {
      let values: DenseArray<Float> = try output.array()
      #expect(values.shape == expected[level].array.shape)
      expectClose(values.scalars, expected[level].array.scalars, absolute: 1e-4)
      let term = try (output * Tensor(try reference.array("target/\(level)"))).sum()
      total = if let sum = total { try sum + term } else { term }
    }
    try #require(total).backward()
    for (parameter, tensor) in zip(network.parameters.names, network.parameters.tensors) {
      let gradient: DenseArray<Float> = try #require(try tensor.gradient()).array()
      let wanted = try reference.array("gradient/" + parameter).scalars
      let size = Double(wanted.map { abs($0) }.max() ?? 0)
      expectClose(gradient.scalars, wanted, absolute: 2e-4 * max(size, 1))
    }
  }

  @Test func blocksThatStartAsIdentityAddNothing() throws {
    var configuration = try ReferenceNetwork("residual3d").configuration()
    configuration.residualBlocks = ResidualBlocks(encoder: [1, 1, 2], decoder: [1, 1])
    configuration.residualBlocks?.startsAsIdentity = true
    for weight in try TrainableNetwork(configuration, seed: 1, on: .cpu).weights()
    where weight.name.contains("norm2") {
      #expect(weight.array.scalars.allSatisfy { $0 == 0 })
    }
  }

  @Test func theConfigurationSurvivesACheckpoint() throws {
    var configuration = try ReferenceNetwork("residual2d").configuration()
    configuration.residualBlocks = ResidualBlocks(encoder: [1, 1, 2], decoder: [1, 1])
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(UNetConfiguration.self, from: data) == configuration)
  }
}
