import Arrays
import Foundation
import Imaging
import Plans
import TestSupport
import Testing

@testable import Inference

@Suite struct SegmentationExportTests {
  /// The image's axes are (z, y, x), those of the prepared case (y, x, z).
  private let forward = [1, 2, 0]
  private let backward = [2, 0, 1]

  @Test func placesTheSegmentationAtTheCropBoxInTheImagesAxes() {
    var properties = makeProperties(
      original: [6, 7, 8], cropBox: [[1, 4], [2, 7], [3, 5]], spacing: [1, 1, 1])
    properties.spacingAfterResampling = [1, 1, 1]
    let cropped = DenseArray<UInt8>(
      shape: [3, 5, 2], scalars: (0..<30).map { UInt8($0 % 4) })
    let probabilities = oneHot(cropped.transposed(forward), labels: 4)
    #expect(probabilities.shape == [4, 5, 2, 3])

    let volume = SegmentationExport(transposeBackward: backward).segmentation(
      from: probabilities, properties: properties)
    #expect(volume.labels.shape == [6, 7, 8])
    for z in 0..<6 {
      for y in 0..<7 {
        for x in 0..<8 {
          let inside = 1..<4 ~= z && 2..<7 ~= y && 3..<5 ~= x
          let expected = inside ? cropped[z - 1, y - 2, x - 3] : 0
          #expect(volume.labels[z, y, x] == expected)
        }
      }
    }
    #expect(volume.geometry == properties.geometry)
  }

  @Test func resamplesToTheSizeAfterCropping() {
    var properties = makeProperties(
      original: [4, 20, 10], cropBox: [[0, 4], [0, 20], [0, 10]], spacing: [1, 1, 1])
    // The prepared case (y, x, z) has half the resolution along the image's y.
    properties.spacingAfterResampling = [2, 1, 1]
    var half = DenseArray<UInt8>(shape: [10, 10, 4], filledWith: 0)
    for y in 5..<10 { for x in 0..<10 { for z in 0..<4 { half[y, x, z] = 1 } } }
    let volume = SegmentationExport(transposeBackward: backward).segmentation(
      from: oneHot(half, labels: 2), properties: properties)
    #expect(volume.labels.shape == [4, 20, 10])
    for y in 0..<20 { #expect(volume.labels[2, y, 4] == (y < 10 ? 0 : 1), "y \(y)") }
  }

  /// Thick slices along the image's z: they are not blended into each other, although z is the
  /// last axis of the prepared case.
  @Test func thickSlicesAreNotBlended() {
    var properties = makeProperties(
      original: [6, 8, 8], cropBox: [[0, 6], [0, 8], [0, 8]], spacing: [4, 4, 4])
    properties.spacingAfterResampling = [4, 4, 16]
    var prepared = DenseArray<Float>(shape: [2, 8, 8, 2], filledWith: 0)
    for y in 0..<8 {
      for x in 0..<8 {
        prepared[0, y, x, 0] = 1
        prepared[0, y, x, 1] = 0.4
        prepared[1, y, x, 1] = 0.6
      }
    }
    let volume = SegmentationExport(transposeBackward: backward).segmentation(
      from: prepared, properties: properties)
    // Linear blending would keep label 0 for half of the third slice's distance and beyond.
    #expect((0..<6).map { volume.labels[$0, 4, 4] } == [0, 0, 0, 1, 1, 1])
  }

  @Test func writesUnsignedBytesInTheImagesGeometry() throws {
    let properties = makeProperties(
      original: [3, 4, 5], cropBox: [[0, 3], [0, 4], [0, 5]], spacing: [2, 1, 1.5])
    let labels = DenseArray<UInt8>(shape: [3, 4, 5], scalars: (0..<60).map { UInt8($0 % 3) })
    let file = try temporaryFolder().appendingPathComponent("case.nii.gz")
    try SegmentationExport(transposeBackward: backward).write(
      oneHot(labels.transposed(forward), labels: 3), properties: properties, to: file)
    let read = try NIfTIFile.readLabels(at: file)
    #expect(read.labels == labels)
    expectClose(read.geometry.spacing, properties.itkSpacing, absolute: 1e-6)
    expectClose(read.geometry.origin, properties.itkOrigin, absolute: 1e-5)
  }

  private func makeProperties(
    original: [Int], cropBox: [[Int]], spacing: [Double]
  ) -> CaseProperties {
    CaseProperties(
      originalSize: original, originalSpacing: spacing, imageFiles: [], labelFile: nil,
      itkOrigin: [10, -20, 30.5], itkSpacing: spacing.reversed(),
      itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: cropBox, labels: [],
      sizeAfterCropping: cropBox.map { $0[1] - $0[0] })
  }

  private func oneHot(_ labels: DenseArray<UInt8>, labels count: Int) -> DenseArray<Float> {
    .stack((0..<count).map { label in labels.map { $0 == UInt8(label) ? 1 : 0 } })
  }
}

extension CaseProperties {
  fileprivate var geometry: Geometry {
    Geometry(spacing: itkSpacing, origin: itkOrigin, direction: itkDirection)
  }
}
