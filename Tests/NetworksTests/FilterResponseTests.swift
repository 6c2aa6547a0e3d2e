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
    try network.load(reference.arrays(below: "weight"))
    try reference.expectSameOutputsAndGradients(of: network)
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
