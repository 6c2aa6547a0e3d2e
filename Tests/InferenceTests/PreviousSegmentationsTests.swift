import Arrays
import Foundation
import Imaging
import Plans
import Preprocessing
import TestSupport
import Testing

@testable import Inference

@Suite struct PreviousSegmentationsTests {
  /// The image's background was cropped away: the segmentation must lose the same voxels.
  @Test func isCroppedLikeTheImage() throws {
    let folder = try temporaryFolder()
    var labels = DenseArray<UInt8>(shape: [6, 7, 8], filledWith: 0)
    var image = DenseArray<Float>(shape: [6, 7, 8], filledWith: 0)
    for z in 2..<6 {
      for y in 1..<5 {
        for x in 3..<8 {
          labels[z, y, x] = UInt8((z + 2 * y + x) % 3)
          // The image encodes the positions of its voxels, so that a shift is visible.
          image[z, y, x] = 1 + Float(labels[z, y, x])
        }
      }
    }
    let geometry = Geometry(spacing: [1, 1, 1], origin: [0, 0, 0])
    try NIfTIFile.write(
      Volume(voxels: image, geometry: geometry), to: folder.appending(path: "a_0000.nii.gz"))
    try NIfTIFile.write(
      LabelVolume(labels: labels, geometry: geometry), to: folder.appending(path: "a.nii.gz"))
    let raw = try RawCaseReader.read(imageFiles: [folder.appending(path: "a_0000.nii.gz")])
    let cropped = try Cropping.crop(raw)
    #expect(cropped.properties.cropBox == [[2, 6], [1, 5], [3, 8]])
    let forward = [2, 0, 1]
    var prepared = PreparedCase(
      data: cropped.data.transposed([0, 3, 1, 2]), labels: cropped.labels.transposed(forward),
      properties: cropped.properties)
    try PreviousSegmentations(folder: folder, labels: [1, 2]).append(
      to: &prepared, identifier: "a", transposition: forward)
    #expect(prepared.data.shape == [3, 5, 4, 4])
    let voxels = 5 * 4 * 4
    for index in 0..<voxels {
      let label = prepared.data.scalars[index] - 1
      #expect(prepared.data.scalars[voxels + index] == (label == 1 ? 1 : 0))
      #expect(prepared.data.scalars[2 * voxels + index] == (label == 2 ? 1 : 0))
    }
  }

  @Test func refusesAnotherSize() throws {
    let folder = try temporaryFolder()
    let labels = DenseArray<UInt8>(shape: [3, 4, 5], filledWith: 1)
    let file = folder.appending(path: "a.nii.gz")
    try NIfTIFile.write(
      LabelVolume(labels: labels, geometry: Geometry(spacing: [1, 1, 1], origin: [0, 0, 0])),
      to: file)
    var prepared = PreparedCase(
      data: DenseArray(shape: [1, 3, 4, 6], filledWith: 1),
      labels: DenseArray(shape: [3, 4, 6], filledWith: 0),
      properties: CaseProperties(
        originalSize: [3, 4, 6], originalSpacing: [1, 1, 1], imageFiles: [], labelFile: nil,
        itkOrigin: [0, 0, 0], itkSpacing: [1, 1, 1], itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1],
        cropBox: [[0, 3], [0, 4], [0, 6]], labels: [], sizeAfterCropping: [3, 4, 6]))
    let error = InferenceError.previousShapeDiffers(
      file: file.path, shape: [3, 4, 5], image: [3, 4, 6])
    #expect(throws: error) {
      try PreviousSegmentations(folder: folder, labels: [1]).append(
        to: &prepared, identifier: "a", transposition: [0, 1, 2])
    }
  }
}
