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
        // The file contains this number as an array of one element.
        $0.name.hasSuffix("num_batches_tracked")
          ? NamedArray(name: $0.name, array: $0.array.reshaped(to: [])) : $0
      })
    return network
  }

  @Test(arguments: ["residual2d", "residual3d", "residual3d_bn"])
  func numbersEqualFabiansUNet(name: String) throws {
    let reference = try ReferenceNetwork(name)
    let network = try network(reference, batchNormalization: name.hasSuffix("_bn"))
    try reference.expectSameOutputsAndGradients(of: network)
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
