import Arrays
import Foundation
import JSON
import Networks
import Plans
import TestSupport
import Testing

@testable import ModelExchange

@Suite struct V1ModelTests {
  @Test func namesWhatIsMissing() throws {
    let url = fixtureURL("pickles/value_4.pkl")
    #expect {
      try V1Model.plans(contentsOf: url)
    } throws: { error in
      error is JSONError && "\(error)".contains(url.path)
        && "\(error)".contains("plans_per_stage")
    }
    let state = fixtureURL("pickles/state.pth")
    #expect(try V1Model.stateDictionary(contentsOf: state).count == 8)
  }

  /// What the classes of the Python nnU-Net 1.7.1 make from plans; see the script next to the
  /// fixture.
  private struct Described: Decodable {
    var network: String?
    var normalizations: [String]?
    var activations: [String]?
    var block: String?
    var headsHaveBias: Bool?
    var convolutions: Int?
    var features: [Int]?
    var kernels: [[Int]]?
    var mirrors: [Int]?
    var regions: [Int]?
    var problem: String?
  }

  @Test func everyTrainerMakesThePythonsNetwork() throws {
    let all = try JSONFile.read(
      [String: [String: Described]].self, from: fixtureURL("trainers/trainers.json"))
    #expect(all.count == 126)
    var compared = 0
    for (name, ranks) in all {
      guard let trainer = V1Trainer(named: name) else {
        Issue.record("\(name) is refused")
        continue
      }
      for (rank, expected) in ranks where expected.problem == nil {
        compared += 1
        compare(trainer, with: expected, isVolume: rank == "3d", name: name)
      }
    }
    #expect(compared > 210)
    for name in ["MyTrainer", "nnUNetTrainerV2_Own", "nnUNetTrainerV2BraTSRegions_Own"] {
      #expect(V1Trainer(named: name) == nil, "\(name) is taken")
    }
  }

  private func compare(
    _ trainer: V1Trainer, with expected: Described, isVolume: Bool, name: String
  ) {
    let isResidual = expected.network == "FabiansUNet"
    #expect(trainer.isResidual == isResidual, "\(name)")
    var plans = UNetConfiguration(
      inputChannels: 2, outputChannels: 4, baseFeatures: 8, maximumFeatures: 320,
      poolStrides: [], kernels: isVolume ? [[1, 3, 3], [3, 3, 3]] : [[3, 3], [3, 3]])
    if isResidual { plans.residualBlocks = .init(encoder: [1, 2, 2], decoder: [1, 1]) }
    guard let network = trainer.changed(plans) else {
      Issue.record("\(name) does not fit its plans")
      return
    }
    let normalization: [FeatureNormalization: [String]] = [
      .instance: ["InstanceNorm"], .batch: ["BatchNorm"], .none: [],
      .group(count: 8): ["MyGroupNorm"], .filterResponse: ["FRN3D"],
    ]
    #expect(normalization[network.normalization] == expected.normalizations, "\(name)")
    let activation: [Nonlinearity: String] = [
      .leakyReLU(slope: 0.01): "LeakyReLU 0.01", .leakyReLU(slope: 0.2): "LeakyReLU 0.2",
      .relu: "ReLU", .gelu: "GeLU", .mish: "Mish",
    ]
    if network.normalization != .filterResponse {
      #expect(activation[network.nonlinearity] == expected.activations?.first, "\(name)")
    }
    #expect(trainer.mirrors == (expected.mirrors != []), "\(name)")
    #expect(trainer.regionsClassOrder ?? [] == expected.regions, "\(name)")
    guard !isResidual else { return }
    let isReversed = expected.block == "ConvDropoutNonlinNorm"
    #expect(network.normalizesAfterNonlinearity == isReversed, "\(name)")
    #expect(network.headsHaveBias == expected.headsHaveBias, "\(name)")
    #expect(network.convolutionsPerStage == expected.convolutions, "\(name)")
    #expect((0..<3).map(network.features(atDepth:)) == expected.features, "\(name)")
    #expect(network.kernels == expected.kernels, "\(name)")
  }
}
