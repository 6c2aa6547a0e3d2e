import Arrays
import Foundation
import TestSupport
import Testing
import Torch

@testable import Networks

@Suite struct LayerOptionTests {
  private var configuration: UNetConfiguration {
    UNetConfiguration(
      inputChannels: 2, outputChannels: 3, baseFeatures: 8, maximumFeatures: 32,
      poolStrides: [[2, 2], [2, 2]], kernels: [[3, 3], [3, 3], [3, 3]])
  }

  private func input() throws -> Tensor {
    try Tensor(normalWithShape: [2, 2, 16, 16], standardDeviation: 1, seed: 5)
  }

  @Test func optionsChangeTheParametersAsInVersion1() throws {
    var changed = configuration
    changed.normalization = .batch
    changed.headsHaveBias = true
    let plain = try TrainableNetwork(configuration, seed: 1, on: .cpu).parameters
    let store = try TrainableNetwork(changed, seed: 1, on: .cpu).parameters
    #expect(store.names.count == plain.names.count + 2)
    #expect(store.names.last == "seg_outputs.1.bias")
    let prefix = "conv_blocks_localization.0.0.blocks.0."
    let expected = [
      "conv.weight", "conv.bias", "instnorm.weight", "instnorm.bias", "instnorm.running_mean",
      "instnorm.running_var", "instnorm.num_batches_tracked",
    ].map { prefix + $0 }
    #expect(store.state.prefix(7).map(\.name) == expected)
    changed.normalization = .none
    let bare = try TrainableNetwork(changed, seed: 1, on: .cpu).parameters
    #expect(!bare.names.contains { $0.contains("instnorm") })
  }

  @Test func everyOptionGivesOtherFiniteLogits() throws {
    var variants = Array(repeating: configuration, count: 7)
    variants[1].normalization = .group(count: 8)
    variants[2].normalization = .none
    variants[3].nonlinearity = .relu
    variants[4].nonlinearity = .gelu
    variants[5].nonlinearity = .mish
    variants[6].normalizesAfterNonlinearity = true
    var seen: Set<[UInt32]> = []
    for variant in variants {
      let network = try TrainableNetwork(variant, seed: 1, on: .cpu).network
      let logits: DenseArray<Float> = try network.fullResolutionLogits(input()).array()
      #expect(logits.scalars.allSatisfy { $0.isFinite })
      seen.insert(logits.scalars.map(\.bitPattern))
    }
    #expect(seen.count == variants.count)
  }

  @Test func batchNormalizationAveragesWhileTraining() throws {
    var changed = configuration
    changed.normalization = .batch
    let trainable = try TrainableNetwork(changed, seed: 1, on: .cpu)
    func averages() throws -> [NamedArray] {
      try trainable.weights().filter { $0.name.contains("running") || $0.name.contains("tracked") }
    }
    let start = try averages()
    try withoutGradients { _ = try trainable.network(input()) }
    #expect(try averages() == start)
    _ = try trainable.network(input())
    let moved = try averages()
    #expect(zip(moved, start).allSatisfy { $0.array != $1.array })
    let restored = try TrainableNetwork(changed, seed: 2, on: .cpu)
    try restored.load(trainable.weights())
    #expect(try restored.weights() == trainable.weights())
  }

  @Test func withoutDeepSupervisionTheFinestOutputIsLeft() throws {
    var changed = configuration
    changed.usesDeepSupervision = false
    let network = try TrainableNetwork(changed, seed: 1, on: .cpu).network
    #expect(network.architecture.outputLevels == 1)
    #expect(try network(input()).map(\.shape) == [[2, 3, 16, 16]])
  }

  @Test func checkpointsRememberTheirArchitecture() throws {
    var changed = configuration
    changed.nonlinearity = .gelu
    let architecture = NetworkArchitecture.genericUNet(changed)
    let metadata = [NetworkArchitecture.metadataKey: try architecture.json()]
    let file = SafetensorsFile(metadata: metadata, arrays: [])
    #expect(try NetworkArchitecture(of: file, at: "x") == architecture)
    let other = SafetensorsFile(metadata: [NetworkArchitecture.metadataKey: "{}"], arrays: [])
    #expect(throws: CheckpointError.self) { try NetworkArchitecture(of: other, at: "x") }
    #expect(try NetworkArchitecture(of: SafetensorsFile(metadata: [:], arrays: []), at: "x") == nil)
  }
}
