import Archives
import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Inference
import Plans
import TestSupport
import Testing
import Torch

@testable import TrainedModels

/// A model that the Python nnU-Net v1 trained gives the same segmentations as there.
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
    prediction.options.mirrors = mirrors
    try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: SilentReporter())

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

  /// Tiny networks of other trainers with random weights, on an image that is not cropped.
  @Test(arguments: [
    (Plans.Configuration.fullResolution, "nnUNetTrainerV2_ResencUNet"),
    (.fullResolution, "nnUNetTrainerV2BraTSRegions_DA4_BN"), (.lowResolution, "nnUNetTrainerV2"),
    (.cascade, "nnUNetTrainerV2CascadeFullRes"),
  ])
  func otherTrainersPredictAsThere(configuration: Plans.Configuration, trainer: String) throws {
    let fixture = fixtureURL("v1-models")
    let network = configuration.rawValue
    let folder = try temporaryFolder()
    let previous = folder.appending(path: "previous")
    try FileManager.default.createDirectory(at: previous, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: fixture.appending(path: "nnUNetTrainerV2.nii.gz"),
      to: previous.appending(path: "tiny.nii.gz"))
    let output = folder.appending(path: "out")
    var prediction = FolderPrediction(
      model: try TrainedModel(
        folder: fixture.appending(path: "\(network)/Task200_Tiny/\(trainer)__nnUNetPlansv2.1"),
        configuration: configuration),
      input: fixture.appending(path: "images"), output: output)
    if configuration == .cascade { prediction.previousFolder = previous }
    try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: SilentReporter())
    let found = try labels(output.appending(path: "tiny.nii.gz"))
    let wanted = try labels(fixture.appending(path: "\(trainer).nii.gz"))
    #expect(found.shape == wanted.shape)
    #expect(Set(wanted.scalars).count > 1)
    #expect(zip(found.scalars, wanted.scalars).count { $0 != $1 } == 0)
  }

  /// A fold that was trained after the task had been planned again, in a folder with v1's.
  @Test func foldsOfOtherPlansAreRefused() throws {
    let source = fixtureURL("v1-models/3d_lowres/Task200_Tiny/nnUNetTrainerV2__nnUNetPlansv2.1")
    let folder = try temporaryFolder().appending(path: "model")
    try FileManager.default.copyItem(at: source, to: folder)
    let second = folder.appending(path: "fold_1")
    try FileManager.default.copyItem(at: folder.appending(path: "fold_0"), to: second)
    let model = try TrainedModel(folder: folder, configuration: .lowResolution)
    let checkpoints = try model.checkpoints(of: .allTrained, named: "model_final_checkpoint")
    #expect(checkpoints.map(\.pathExtension) == ["model", "model"])
    try model.checkOrigins(
      of: checkpoints, acceptsDifferences: false, reporter: SilentReporter())

    let file = second.appending(path: "model_final_checkpoint.model.pkl")
    var pickle = try Data(contentsOf: file)
    // The key of the plans' masks: other plans, in the same number of bytes.
    let key = Data("use_mask_for_norm".utf8)
    let place = try #require(pickle.firstRange(of: key))
    let value = try #require(
      pickle[place.upperBound...].firstIndex { $0 == 0x88 || $0 == 0x89 })
    pickle[value] = pickle[value] == 0x88 ? 0x89 : 0x88
    try pickle.write(to: file)
    let error = try #require(throws: TrainedModelError.self) {
      try model.checkOrigins(
        of: checkpoints, acceptsDifferences: false, reporter: SilentReporter())
    }
    #expect(error.message.contains("fold_1") && !error.message.contains("fold_0"))
    #expect(error.message.contains("use_mask_for_norm"), "\(error.message)")
    let heard = CollectingReporter()
    try model.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: heard)
    #expect(heard.warnings.count == 1)
    // Without the file that v1 keeps next to a checkpoint, nothing can be compared.
    try FileManager.default.removeItem(at: file)
    try model.checkOrigins(
      of: checkpoints, acceptsDifferences: false, reporter: SilentReporter())
  }

  @Test(.enabled(if: reference != nil, "\(sharedDataIsAbsent)"))
  func probabilitiesAreThoseOfV1() throws {
    let golden = try #require(Self.reference)
    let folder = try temporaryFolder()
    try ZipReader(at: golden.appending(path: "models/v1_Task004_2d.zip")).extract(to: folder)
    let expected = golden.appending(path: "predictions/pred_v1_2d_npz3")
    let images = folder.appending(path: "images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    let names = try FileManager.default.contentsOfDirectory(atPath: expected.path)
      .filter { $0.hasSuffix(".npz") }.map { String($0.dropLast(4)) }
    for name in names {
      try FileManager.default.copyItem(
        at: golden.appending(path: "predictions/images/\(name)_0000.nii.gz"),
        to: images.appending(path: "\(name)_0000.nii.gz"))
    }
    let output = folder.appending(path: "out")
    let model = folder.appending(path: "2d/Task004_Hippocampus/nnUNetTrainerV2__nnUNetPlansv2.1")
    var prediction = FolderPrediction(
      model: try TrainedModel(folder: model, configuration: .twoD), input: images, output: output)
    prediction.options.savesProbabilities = true
    try prediction.run(on: { [.cpu] }, precision: { _ in .float32 }, reporter: SilentReporter())
    #expect(names.count == 3)
    for name in names {
      let found = try NPZFile(at: output.appending(path: name + ".npz")).readFloats("softmax")
      let wanted = try NPZFile(at: expected.appending(path: name + ".npz")).readFloats("softmax")
      #expect(found.shape == wanted.shape)
      expectClose(found.scalars, wanted.scalars, absolute: 1e-3)
    }
  }

  private func labels(_ url: URL) throws -> DenseArray<UInt8> {
    try NIfTIFile.readLabels(at: url).labels.map { UInt8($0) }
  }
}
