import Archives
import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Plans
import TestSupport
import Testing
import Torch

@testable import Inference

/// A model that the Python nnU-Net v1 trained gives the segmentations that it gives there.
@Suite struct V1ModelPredictionTests {
  private static let reference = sharedURL("golden")

  @Test(.enabled(if: reference != nil, "\(sharedDataIsAbsent)"), arguments: [true, false])
  func predictsAsThere(mirrors: Bool) throws {
    let golden = try #require(Self.reference)
    let folder = try temporaryFolder()
    try ZipReader(at: golden.appending(path: "models/v1_Task004_2d.zip")).extract(to: folder)
    let model = folder.appending(path: "2d/Task004_Hippocampus/nnUNetTrainerV2__nnUNetPlansv2.1")
    let images = golden.appending(path: "predictions/images")
    let output = folder.appending(path: "predictions")
    var prediction = FolderPrediction(
      model: try TrainedModel(folder: model, configuration: .twoD), input: images, output: output)
    prediction.mirrors = mirrors
    try prediction.run(on: { .cpu }, precision: { _ in .float32 }, reporter: SilentReporter())

    let expected = golden.appending(path: "predictions/pred_v1_2d" + (mirrors ? "" : "_notta"))
    var voxels = 0
    var different = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: expected.path)
    where name.hasSuffix(".nii.gz") {
      // The reference was postprocessed; a second time it changes nothing.
      var found = try labels(output.appending(path: name))
      keepLargestComponents(
        of: [.joint([1, 2]), .label(1), .label(2)], in: &found, voxelVolume: 1)
      let wanted = try labels(expected.appending(path: name))
      #expect(found.shape == wanted.shape)
      voxels += wanted.count
      different += zip(found.scalars, wanted.scalars).count { $0 != $1 }
    }
    #expect(voxels > 500_000)
    #expect(Double(different) <= Double(voxels) / 100_000, "\(different) of \(voxels)")
  }

  private func labels(_ url: URL) throws -> DenseArray<UInt8> {
    try NIfTIFile.readLabels(at: url).labels.map { UInt8($0) }
  }
}
