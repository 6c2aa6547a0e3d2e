import Foundation
import Networks
import Testing

/// Networks of numbers from files; absurd ones ended the program where the network was built.
@Suite struct ConfigurationProblemTests {
  private var plain: UNetConfiguration {
    UNetConfiguration(
      inputChannels: 1, outputChannels: 3, baseFeatures: 32, maximumFeatures: 320,
      poolStrides: [[2, 2, 2], [1, 2, 2]], kernels: [[3, 3, 3], [3, 3, 3], [1, 3, 3]])
  }

  @Test func soundNetworksHaveNoProblem() throws {
    #expect(plain.problem == nil)
    let data = try JSONEncoder().encode(NetworkArchitecture.genericUNet(plain))
    #expect(try JSONDecoder().decode(NetworkArchitecture.self, from: data) == .genericUNet(plain))
  }

  @Test func absurdNumbersAreRefusedWhenRead() throws {
    let changes: [(String, (inout UNetConfiguration) -> Void)] = [
      ("convolutionsPerStage", { $0.convolutionsPerStage = 0 }),
      ("convolutionsPerStage", { $0.convolutionsPerStage = .max }),
      ("kernel", { $0.kernels[0] = [1 << 62, 1 << 62, 1 << 62] }),
      ("kernel", { $0.kernels[1][2] = 0 }),
      ("stride", { $0.poolStrides[0][0] = -2 }),
      ("stride", { $0.poolStrides[0][0] = 1 << 40 }),
      (
        "product",
        {
          $0.poolStrides = Array(repeating: [1000, 1, 1], count: 3)
          $0.kernels.append([1, 1, 1])
        }
      ),
      ("axes", { $0.kernels[0] = [3, 3] }), ("kernels", { $0.kernels.removeLast() }),
      ("kernels", { $0.kernels = [] }), ("inputChannels", { $0.inputChannels = 0 }),
      ("outputChannels", { $0.outputChannels = 1 << 50 }),
      ("baseFeatures", { $0.baseFeatures = -1 }), ("maximumFeatures", { $0.maximumFeatures = 0 }),
      ("normalizationEpsilon", { $0.normalizationEpsilon = 0 }),
      ("blocks", { $0.residualBlocks = ResidualBlocks(encoder: [1], decoder: [1]) }),
      ("blocks", { $0.residualBlocks = ResidualBlocks(encoder: [1, 0, 1], decoder: [1, 1]) }),
    ]
    for (index, (word, change)) in changes.enumerated() {
      var network = plain
      change(&network)
      #expect(network.problem?.contains(word) == true, "\(index): \(network.problem ?? "none")")
      let data = try JSONEncoder().encode(NetworkArchitecture.genericUNet(network))
      #expect(throws: DecodingError.self, "\(index)") {
        try JSONDecoder().decode(NetworkArchitecture.self, from: data)
      }
    }
  }

  @Test func networksOfV2AreCheckedToo() throws {
    let sound = DynamicUNetConfiguration(
      encoder: .plain, inputChannels: 1, outputChannels: 2, features: [32, 64],
      kernels: [[3, 3], [3, 3]], strides: [[1, 1], [2, 2]], encoderBlocks: [2, 2],
      decoderConvolutions: [2])
    #expect(sound.problem == nil)
    for change: (inout DynamicUNetConfiguration) -> Void in [
      { $0.inputChannels = 0 }, { $0.encoderBlocks[0] = 1 << 62 },
      { $0.kernels[0][0] = 1 << 61 | 1 },
      { $0.strides[1][0] = 1 << 30 }, { $0.decoderConvolutions = [0] },
    ] {
      var network = sound
      change(&network)
      #expect(network.problem != nil)
      let data = try JSONEncoder().encode(NetworkArchitecture.dynamicUNet(network))
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(NetworkArchitecture.self, from: data)
      }
    }
  }
}
