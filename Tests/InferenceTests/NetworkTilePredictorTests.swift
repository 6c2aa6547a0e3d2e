import Arrays
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Inference

/// The sliding window over random images with the tiny networks, against nnU-Net on the same
/// weights in float32.
@Suite struct NetworkTilePredictorTests {
  @Test func volumeEqualsNNUNet() throws {
    try compare("vol3d", "3d_mirror_gauss_softmax", network: "unet3d", patch: [8, 16, 24])
  }

  @Test func volumeSmallerThanThePatchEqualsNNUNet() throws {
    try compare("vol3d_small", "3d_small_softmax", network: "unet3d", patch: [8, 16, 24])
  }

  @Test func slicesEqualNNUNet() throws {
    try compare("vol2d", "2d_mirror_gauss_softmax", network: "unet2d", patch: [32, 24])
  }

  struct Variant: Decodable {
    var mirror: Bool
    var gauss: Bool
    var step: Double
    var patch: [Int]
  }

  /// All variants of mirroring, weights and step size, if the reference data is available.
  @Test(.enabled(if: sharedURL("golden/numerics") != nil, "\(sharedDataIsAbsent)"))
  func allVariantsEqualNNUNet() throws {
    let folder = try #require(sharedURL("golden/numerics"))
    let manifest = try JSONDecoder().decode(
      [String: Variant].self, from: Data(contentsOf: folder.appending(path: "e_manifest.json")))
    #expect(manifest.count == 6)
    for (name, variant) in manifest {
      let is2D = variant.patch.count == 2
      let result = try predict(
        fixtureURL("sliding-window/\(is2D ? "vol2d" : "vol3d").npy"),
        network: is2D ? "unet2d" : "unet3d",
        VolumePredictor(
          patchSize: variant.patch, stepSize: variant.step, usesGaussian: variant.gauss),
        mirrors: variant.mirror)
      let expected = try NPYFile.read(
        folder.appending(path: "e_\(name)_softmax.npy"), as: Float.self)
      expectClose(result.scalars, expected.scalars, absolute: 1e-4, "\(name)")
      let labels = try NPYFile.read(folder.appending(path: "e_\(name)_seg.npy"), as: Int64.self)
      let different = zip(mostProbableLabels(result).scalars, labels.scalars).count {
        Int64($0) != $1
      }
      // For voxels whose two best labels are equal up to rounding, either may be chosen.
      #expect(different <= labels.count / 10_000, "\(name)")
    }
  }

  @Test func mirrorsInTheOrderOfNNUNet() {
    #expect(
      mirrorCombinations(of: [0, 1, 2])
        == [[], [2], [1], [1, 2], [0], [0, 2], [0, 1], [0, 1, 2]])
    #expect(mirrorCombinations(of: [0, 1]) == [[], [1], [0], [0, 1]])
    #expect(mirrorCombinations(of: []) == [[]])
  }

  @Test func batchesDoNotChangeTheResult() throws {
    let image = fixtureURL("sliding-window/vol2d.npy")
    let results = try [1, 3, 64].map { tiles in
      try predict(
        image, network: "unet2d", VolumePredictor(patchSize: [32, 24], tilesPerBatch: tiles),
        mirrors: false)
    }
    expectClose(results[1].scalars, results[0].scalars, absolute: 1e-5)
    expectClose(results[2].scalars, results[0].scalars, absolute: 1e-5)
  }

  private func compare(
    _ image: String, _ expected: String, network: String, patch: [Int]
  ) throws {
    let result = try predict(
      fixtureURL("sliding-window/\(image).npy"), network: network,
      VolumePredictor(patchSize: patch), mirrors: true)
    let expected = try NPYFile.read(
      fixtureURL("sliding-window/\(expected).npy"), as: Float.self)
    #expect(result.shape == expected.shape)
    expectClose(result.scalars, expected.scalars, absolute: 1e-4)
  }

  private func predict(
    _ image: URL, network: String, _ volumePredictor: VolumePredictor, mirrors: Bool
  ) throws -> DenseArray<Float> {
    let predictor = NetworkTilePredictor(
      try tinyNetwork(network), device: .cpu, mirrorAxes: mirrors ? nil : [])
    return try volumePredictor.probabilities(
      of: NPYFile.read(image, as: Float.self), using: [predictor])
  }

  /// A network of the fixture `networks`.
  private func tinyNetwork(_ name: String) throws -> any SegmentationNetwork {
    let file = try SafetensorsFile(contentsOf: fixtureURL("networks/\(name).safetensors"))
    func metadata<Value: Decodable>(_ key: String) throws -> Value {
      try JSONDecoder().decode(Value.self, from: Data(try #require(file.metadata[key]).utf8))
    }
    let strides: [[Int]] = try metadata("pool_op_kernel_sizes")
    let configuration = UNetConfiguration(
      inputChannels: try metadata("input_channels"), outputChannels: try metadata("num_classes"),
      baseFeatures: try metadata("base_num_features"), maximumFeatures: 320,
      poolStrides: strides, kernels: try metadata("conv_kernel_sizes"),
      convolutionsPerStage: try metadata("conv_per_stage"))
    let trainable = try TrainableNetwork(configuration, seed: 1, on: .cpu)
    let prefix = "weight/"
    try trainable.load(
      file.arrays.filter { $0.name.hasPrefix(prefix) }.map {
        NamedArray(name: String($0.name.dropFirst(prefix.count)), array: $0.array)
      })
    return trainable.network
  }
}
