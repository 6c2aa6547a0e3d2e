import Arrays
import Foundation
import Imaging
import Plans
import Resampling
import TestSupport
import Testing

@testable import Inference

@Suite struct ExportModeTests {
  @Test(arguments: [SegmentationExport.Mode.fast, .fastest])
  func fastModesResampleTheSegmentation(mode: SegmentationExport.Mode) {
    var random = StreamRandom(seed: 8, stream: 1)
    let shape = [3, 5, 6, 7]
    let probabilities = DenseArray<Float>(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Float.random(in: 0...1, using: &random) })
    var properties = CaseProperties(
      originalSize: [12, 9, 8], originalSpacing: [1, 1, 1], imageFiles: [], labelFile: nil,
      itkOrigin: [0, 0, 0], itkSpacing: [1, 1, 1], itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      cropBox: [[1, 12], [0, 9], [0, 8]], labels: [], sizeAfterCropping: [11, 9, 8])
    properties.spacingAfterResampling = [2, 1.5, 1.1]
    let result = SegmentationExport(transposeBackward: [0, 1, 2], mode: mode).segmentation(
      from: probabilities, properties: properties
    ).labels
    let expected = resizeLabels(
      mostProbableLabels(probabilities).map { Int16($0) }, to: [11, 9, 8],
      order: mode == .fast ? .linear : .nearest)
    let area = 9 * 8
    #expect(result.scalars.prefix(area).allSatisfy { $0 == 0 })
    #expect(result.scalars.dropFirst(area).map { Int16($0) } == expected.scalars)
  }

  @Test func warnsOfSpacingsUnlikeTraining() {
    let check = GeometryCheck(shortest: [2, 0.7, 0.7], longest: [5, 0.9, 0.9])
    #expect(check.differences(spacing: [3, 0.8, 0.6]).isEmpty)
    let words = check.differences(spacing: [8, 0.8, 0.3])
    #expect(words.count == 2)
    #expect(words[0].contains("along z is 8.0 mm"))
    #expect(words[1].contains("along x is 0.3 mm"))
  }

  @Test func memoryDoesNotGrowWithTheImagesDepth() throws {
    func window(_ depth: Int) throws -> Int {
      try TileLayout(
        VolumePredictor(patchSize: [8, 8, 8], tilesPerBatch: 1), imageSize: [depth, 16, 16]
      ).windowDepth
    }
    let (short, long) = (try window(40), try window(400))
    #expect(long <= short + 4)
  }
}
