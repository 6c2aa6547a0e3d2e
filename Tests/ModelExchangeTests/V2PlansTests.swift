import Foundation
import JSON
import Networks
import Plans
import Testing

@testable import ModelExchange

@Suite struct V2PlansTests {
  private func plans(_ configurations: String) throws -> V2Plans {
    let text = """
      {"transpose_forward": [1, 0, 2], "transpose_backward": [1, 0, 2],
       "configurations": \(configurations)}
      """
    return try JSONFile.decode(V2Plans.self, from: Data(text.utf8), path: "plans.json")
  }

  private func dataset(_ rest: String) throws -> V2Dataset {
    let text = #"{"channel_names": {"0": "CT"}, \#(rest)}"#
    return try JSONFile.decode(V2Dataset.self, from: Data(text.utf8), path: "dataset.json")
  }

  private func architecture(_ name: String, _ blocks: String, _ more: String = "") -> String {
    """
    {"network_class_name": "dynamic_network_architectures.architectures.unet.\(name)",
     "arch_kwargs": {"n_stages": 2, "features_per_stage": [8, 16], \(more)
     "conv_op": "torch.nn.modules.conv.Conv3d", "kernel_sizes": [[1, 3, 3], 3],
     "strides": [1, [1, 2, 2]], \(blocks), "n_conv_per_stage_decoder": [1], "conv_bias": true,
     "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
     "norm_op_kwargs": {"eps": 1e-05, "affine": true}, "nonlin": "torch.nn.LeakyReLU",
     "nonlin_kwargs": {"inplace": true}}}
    """
  }

  @Test func inheritsAlongTheChain() throws {
    let plans = try plans(
      """
      {"a": {"patch_size": [8, 16, 16], "spacing": [3, 1, 1],
             "architecture": \(architecture("ResidualEncoderUNet", #""n_blocks_per_stage": 2"#))},
       "b": {"inherits_from": "a", "spacing": [2, 1, 1], "previous_stage": "low"},
       "c": {"inherits_from": "b", "patch_size": [4, 8, 8]}}
      """)
    let found = try plans.configuration(named: "c", path: "plans.json")
    #expect(found.patchSize == [4, 8, 8])
    #expect(found.spacing == [2, 1, 1])
    #expect(found.previousStage == "low")
    let network = try found.network(inputs: 3, outputs: 5, path: "plans.json")
    #expect(network.encoder == .residual)
    #expect(network.kernels == [[1, 3, 3], [3, 3, 3]])
    #expect(network.strides == [[1, 1, 1], [1, 2, 2]])
    #expect(network.encoderBlocks == [2, 2])
    #expect(network.normalizationEpsilon == 1e-5)
  }

  @Test func namesCirclesAndAbsentConfigurations() throws {
    let plans = try plans(
      #"{"a": {"inherits_from": "b"}, "b": {"inherits_from": "a"}, "c": {"inherits_from": "d"}}"#)
    for name in ["a", "c", "d"] {
      #expect(throws: ExchangeError.self) {
        try plans.configuration(named: name, path: "plans.json")
      }
    }
  }

  @Test func readsNetworksOfOlderPlans() throws {
    let plans = try plans(
      """
      {"2d": {"patch_size": [32, 32], "UNet_class_name": "PlainConvUNet",
       "UNet_base_num_features": 32, "unet_max_num_features": 48,
       "n_conv_per_stage_encoder": [2, 2, 1], "n_conv_per_stage_decoder": [2, 1],
       "pool_op_kernel_sizes": [[1, 1], [2, 2], [2, 2]],
       "conv_kernel_sizes": [[3, 3], [3, 3], [3, 3]]}}
      """)
    let network = try plans.configuration(named: "2d", path: "").network(
      inputs: 1, outputs: 2, path: "")
    #expect(network.features == [32, 48, 48])
    #expect(network.convolutionsHaveBias)
    #expect(network.decoderConvolutions == [2, 1])
  }

  @Test(arguments: [
    ("PrimusM", #""n_blocks_per_stage": 2"#, ""),
    ("ResidualEncoderUNet", #""n_blocks_per_stage": [2, 2, 2]"#, ""),
    ("ResidualEncoderUNet", #""n_blocks_per_stage": 2"#, #""squeeze_excitation": true,"#),
    ("PlainConvUNet", #""n_conv_per_stage": 0"#, ""),
  ])
  func refusesWhatIsNotKnown(name: String, blocks: String, more: String) throws {
    let plans = try plans(
      """
      {"a": {"patch_size": [8, 16, 16], "architecture": \(architecture(name, blocks, more))}}
      """)
    let configuration = try plans.configuration(named: "a", path: "")
    #expect(throws: ExchangeError.self) {
      try configuration.network(inputs: 1, outputs: 2, path: "")
    }
  }

  @Test func readsLabelsRegionsAndTheIgnoreLabel() throws {
    let labels = try dataset(#""labels": {"background": 0, "b": 2, "a": [1], "ignore": 3}"#)
    #expect(labels.foregroundLabels == [1, 2])
    #expect(labels.outputCount == 3)
    #expect(labels.scheme == .labels)
    let regions = try dataset(
      #""labels": {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "part": 3}, "#
        + #""regions_class_order": [1, 2, 3]"#)
    #expect(regions.foregroundLabels == [1, 2, 3])
    #expect(regions.scheme == .regions(classOrder: [1, 2, 3]))
    for wrong in [
      #""labels": {"a": 1}"#, #""labels": {"background": 0, "a": 2}"#,
      #""labels": {"background": 0, "a": [1, 2]}"#,
      #""labels": {"background": 0, "a": [1, 2]}, "regions_class_order": [1, 2]"#,
    ] {
      #expect(throws: JSONError.self) { try dataset(wrong) }
    }
  }
}
