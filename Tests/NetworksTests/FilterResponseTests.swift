import Arrays
import Foundation
import TestSupport
import Testing
import Torch

@testable import Networks

@Suite struct FilterResponseTests {
  @Test func numbersEqualVersion1() throws {
    let reference = try ReferenceNetwork("frn3d")
    var configuration = try reference.configuration()
    configuration.normalization = .filterResponse
    let network = try TrainableNetwork(configuration, seed: 1, on: .cpu)
    let keys: [String] = try reference.metadata("state_keys")
    #expect(network.parameters.state.map(\.name) == keys)
    try network.load(reference.arrays(below: "weight"))
    let outputs = try network.network(Tensor(try reference.array("input")))
    let expected = reference.arrays(below: "output")
    #expect(outputs.count == expected.count)
    var total: Tensor?
    for (level, output) in outputs.enumerated() {
      let values: DenseArray<Float> = try output.array()
      expectClose(values.scalars, expected[level].array.scalars, absolute: 1e-4)
      let term = try (output * Tensor(try reference.array("target/\(level)"))).sum()
      total = if let sum = total { try sum + term } else { term }
    }
    try #require(total).backward()
    for (parameter, tensor) in zip(network.parameters.names, network.parameters.tensors) {
      let gradient: DenseArray<Float> = try #require(try tensor.gradient()).array()
      let wanted = try reference.array("gradient/" + parameter).scalars
      let size = Double(wanted.map { abs($0) }.max() ?? 0)
      expectClose(gradient.scalars, wanted, absolute: 2e-4 * max(size, 1), "\(parameter)")
    }
  }

  @Test func configurationsOfOlderVersionsHaveDefaults() throws {
    let text = """
      {"inputChannels": 1, "outputChannels": 3, "baseFeatures": 32, "maximumFeatures": 320,
       "poolStrides": [[2, 2, 2]], "kernels": [[3, 3, 3], [3, 3, 3]]}
      """
    let read = try JSONDecoder().decode(UNetConfiguration.self, from: Data(text.utf8))
    #expect(
      read
        == UNetConfiguration(
          inputChannels: 1, outputChannels: 3, baseFeatures: 32, maximumFeatures: 320,
          poolStrides: [[2, 2, 2]], kernels: [[3, 3, 3], [3, 3, 3]]))
  }
}
