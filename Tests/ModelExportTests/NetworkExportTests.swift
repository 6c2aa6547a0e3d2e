import Archives
import Foundation
import HostSystem
import Inference
import Networks
import Plans
import TestSupport
import Testing
import Torch
import TrainedModels

@testable import ModelExport

/// `Tools/check-exported-network` compares the files' results in PyTorch.
@Suite struct NetworkExportTests {
  private func model() throws -> TrainedModel {
    try TrainedModel(
      folder: fixtureURL("v2-cascade").appending(
        path: "Dataset103_Tiny/nnUNetTrainer__nnUNetPlans__3d_cascade_fullres"),
      configuration: .cascade)
  }

  @Test func scriptsHoldCodeAndWeightsAndNoExtents() throws {
    let folder = try temporaryFolder()
    let files = try NetworkExport(of: model(), as: .torchscript).write(to: folder)
    #expect(files.map(\.lastPathComponent) == ["fold_0.pt", "model.json"])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["dataset.json", "fold_0.pt", "model.json", "plans.json"])
    let archive = try ZipReader(at: files[0])
    let code = try #require(archive.entries.first { $0.name.hasSuffix("code/__torch__.py") })
    let text = String(decoding: try archive.read(code), as: UTF8.self)
    #expect(text.contains("def forward(self: __torch__.Network"))
    for operation in ["_convolution(", "instance_norm(", "leaky_relu(", "cat("] {
      #expect(text.contains(operation), "\(operation)")
    }
    // Only operations for any extent: nothing depends on the example's 12×16×16 voxels.
    for fixed in ["empty(", "expand", "view(", "reshape(", "size("] {
      #expect(!text.contains(fixed), "\(fixed)")
    }
    #expect(text.contains("encoder_stages_0_0_convs_0_conv_weight"))
  }

  @Test func arraysAreThoseOfTheCheckpoint() throws {
    let folder = try temporaryFolder()
    let model = try model()
    _ = try NetworkExport(of: model, as: .safetensors).write(to: folder)
    let file = try SafetensorsFile(contentsOf: folder.appending(path: "fold_0.safetensors"))
    let checkpoints = try model.checkpoints(of: .allTrained, named: "model_final_checkpoint")
    let network = try model.networks(checkpoints: checkpoints, on: .cpu)[0].network
    let weights = try network.weights()
    #expect(file.arrays.count == weights.count)
    for array in file.arrays { #expect(weights.contains(array)) }
    #expect(
      try NetworkArchitecture(of: file, at: "a.safetensors") == network.network.architecture)
  }

  @Test func theDescriptionNamesEveryStep() throws {
    let folder = try temporaryFolder()
    _ = try NetworkExport(of: model(), as: .safetensors).write(to: folder)
    let data = try Data(contentsOf: folder.appending(path: "model.json"))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let preparation = try #require(object["preprocessing"] as? [String: Any])
    #expect(object["format"] as? Int == 2)
    #expect(preparation["order_of_steps"] as? [String] == ["normalize", "transpose", "resample"])
    #expect(preparation["separate_axis_by"] as? [String] == ["image", "network"])
    #expect(preparation["force_separate_axis"] is NSNull)
    let channel = try #require((preparation["normalization"] as? [[String: Any]])?.first)
    #expect(channel["least_deviation"] as? Double == 1e-8)
    #expect(channel["added_to_deviation"] as? Double == 0)
    #expect(preparation["spacing"] as? [Double] == [1, 1.1, 1.2])
    #expect(preparation["transpose_forward"] as? [Int] == [1, 0, 2])
    #expect(preparation["previous_labels"] as? [Int] == [1, 2])
    #expect(preparation["order"] as? Int == 3)
    let inference = try #require(object["inference"] as? [String: Any])
    #expect(inference["averaged"] as? String == "logits")
    #expect(inference["activation"] as? String == "softmax")
    #expect(inference["patch_size"] as? [Int] == [12, 16, 16])
    #expect(inference["mirror_axes"] as? [Int] == [0, 1, 2])
    #expect(inference["largest_weight"] as? Double == 10)
    #expect(inference["weight_type"] as? String == "float16")
    let export = try #require(object["export"] as? [String: Any])
    #expect(export["labels"] as? [Int] == [0, 1, 2])
    #expect(export["order"] as? Int == 1 && export["region_threshold"] as? Double == 0)
    #expect(export["separate_axis_by"] as? [String] == ["network", "image"])
    #expect(export["postprocessing"] is NSNull)
  }
}
