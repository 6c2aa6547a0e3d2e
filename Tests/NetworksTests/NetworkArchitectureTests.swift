import Foundation
import Testing

@testable import Networks

@Suite struct NetworkArchitectureTests {
  private let older = UNetConfiguration(
    inputChannels: 1, outputChannels: 2, baseFeatures: 8, maximumFeatures: 320,
    poolStrides: [[1, 2, 2], [2, 2, 2]], kernels: [[1, 3, 3], [3, 3, 3], [3, 3, 3]])
  private let newer = DynamicUNetConfiguration(
    encoder: .residual, inputChannels: 1, outputChannels: 2, features: [8, 16, 24],
    kernels: [[1, 3, 3], [3, 3, 3], [3, 3, 3]], strides: [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
    encoderBlocks: [1, 1, 1], decoderConvolutions: [1, 1])

  @Test func isReadAsItWasWritten() throws {
    for architecture in [NetworkArchitecture.genericUNet(older), .dynamicUNet(newer)] {
      let data = try JSONEncoder().encode(architecture)
      #expect(try JSONDecoder().decode(NetworkArchitecture.self, from: data) == architecture)
    }
  }

  /// Checkpoints and `network.json` of earlier versions contain only the configuration.
  @Test func whatNamesNoKindIsOfV1() throws {
    let data = try JSONEncoder().encode(older)
    #expect(
      try JSONDecoder().decode(NetworkArchitecture.self, from: data) == .genericUNet(older))
  }

  @Test func bothKindsDescribeTheirResolutions() {
    let first = NetworkArchitecture.genericUNet(older)
    let second = NetworkArchitecture.dynamicUNet(newer)
    #expect(first.poolStrides == second.poolStrides)
    #expect(first.encoderKernels == second.encoderKernels)
    #expect(first.features(atDepth: 2) == 32 && second.features(atDepth: 2) == 24)
    // v1's decoder has the kernel of the stage below.
    #expect(first.decoderKernel(atDepth: 0) == [3, 3, 3])
    #expect(second.decoderKernel(atDepth: 0) == [1, 3, 3])
  }
}
