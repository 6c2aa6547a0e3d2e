import Archives
import Arrays
import Foundation
import HostSystem
import Imaging
import Inference
import ModelExchange
import Plans
import TestSupport
import Testing
import Torch

@testable import TrainedModels

/// A model that nnU-Net v2 trained gives the same segmentations as there.
@Suite struct V2ModelPredictionTests {
  private static let reference = sharedURL("golden")

  @Test(.enabled(if: reference != nil, "\(sharedDataIsAbsent)"))
  func predictsAsThere() throws {
    let golden = try #require(Self.reference)
    let folder = try temporaryFolder()
    try ZipReader(at: golden.appending(path: "models/v2_Dataset004_2d.zip")).extract(to: folder)
    let model = folder.appending(path: "Dataset004_Hippocampus/nnUNetTrainer__nnUNetPlans__2d")
    let output = folder.appending(path: "predictions")
    let prediction = FolderPrediction(
      model: try TrainedModel(folder: model, configuration: .twoD),
      input: golden.appending(path: "predictions/images"), output: output)
    try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: SilentReporter())

    let expected = golden.appending(path: "predictions/pred_v2_2d")
    var (voxels, different) = (0, 0)
    for name in try FileManager.default.contentsOfDirectory(atPath: expected.path)
    where name.hasSuffix(".nii.gz") {
      let found = try NIfTIFile.readLabels(at: output.appending(path: name)).labels
      let wanted = try NIfTIFile.readLabels(at: expected.appending(path: name)).labels
      #expect(found.shape == wanted.shape)
      voxels += wanted.count
      different += zip(found.scalars, wanted.scalars).count { $0 != $1 }
    }
    #expect(voxels > 500_000)
    #expect(Double(different) <= Double(voxels) / 100_000, "\(different) of \(voxels)")
  }

  /// A tiny network with random weights on a segmentation of random blocks: corners of several
  /// labels everywhere, cropped zeros, and zeros within the image.
  @Test func aCascadesSecondNetworkSeesTheLabelsAsThere() throws {
    let fixture = fixtureURL("v2-cascade")
    let output = try temporaryFolder()
    let model = try TrainedModel(
      folder: fixture.appending(
        path: "Dataset103_Tiny/nnUNetTrainer__nnUNetPlans__3d_cascade_fullres"),
      configuration: .cascade)
    #expect(model.previousConfiguration == "3d_lowres")
    var prediction = FolderPrediction(
      model: model, input: fixture.appending(path: "images"), output: output)
    prediction.previousFolder = fixture.appending(path: "previous")
    try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: SilentReporter())
    let found = try NIfTIFile.readLabels(at: output.appending(path: "tiny.nii.gz")).labels
    let wanted = try NIfTIFile.readLabels(
      at: fixture.appending(path: "expected/tiny.nii.gz")
    ).labels
    #expect(found.shape == wanted.shape)
    #expect(Set(wanted.scalars) == [0, 1, 2])
    #expect(zip(found.scalars, wanted.scalars).count { $0 != $1 } == 0)
  }

  /// v2 stores its weights, up to 10, in half precision; corners that round to 0 get the smallest
  /// one.
  @Test func weightsAreThoseOfHalfPrecision() {
    let exact = gaussianImportance(patchSize: [8, 64, 64])
    let rounded = gaussianImportance(patchSize: [8, 64, 64], as: .halfPrecision)
    #expect(rounded.scalars.max() == 10)
    #expect(rounded.scalars.min() == Float(Float16.leastNonzeroMagnitude))
    for (exact, rounded) in zip(exact.scalars, rounded.scalars) where exact > 1e-4 {
      #expect(abs(rounded / exact - 10) < 10 / 2048.0)
    }
  }
}
