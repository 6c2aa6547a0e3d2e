import Archives
import Arrays
import Foundation
import Imaging
import JSON
import Plans
import Resampling
import TestSupport
import Testing

@testable import Inference

@Suite struct ProbabilitiesFileTests {
  /// The image's axes are (z, y, x), those of the prepared case (y, x, z).
  private let forward = [1, 2, 0]
  private let backward = [2, 0, 1]

  /// A cropped case whose axes are transposed and whose resolution differs from the network's.
  private var properties: CaseProperties {
    var properties = CaseProperties(
      originalSize: [9, 17, 14], originalSpacing: [2, 1, 1], imageFiles: [], labelFile: nil,
      itkOrigin: [10, -20, 30.5], itkSpacing: [1, 1, 2],
      itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: [[2, 8], [3, 16], [1, 12]], labels: [],
      sizeAfterCropping: [6, 13, 11])
    properties.spacingAfterResampling = [2, 2, 2]
    return properties
  }

  /// Written slab by slab, the file contains the same as resampling the image's own axes as a
  /// whole.
  @Test func coversTheWholeImageOfACroppedCase() throws {
    let folder = try temporaryFolder()
    let probabilities = prepared(outputs: 3, size: [7, 6, 6])
    let export = SegmentationExport(transposeBackward: backward, threads: 2)
    try ProbabilitiesFile.write(
      spill(probabilities, into: folder), export: export, properties: properties,
      identifier: "case", into: folder)

    let inImageAxes = probabilities.transposed([0] + backward.map { $0 + 1 })
    let expected = resampleProbabilities(
      inImageAxes, to: properties.sizeAfterCropping, originalSpacing: properties.originalSpacing,
      currentSpacing: [2, 2, 2])
    let stored = try NPZFile(at: ProbabilitiesFile.archive(of: "case", in: folder))
    #expect(try stored.header(of: "softmax").scalarCode == "f2")
    let softmax = try stored.readFloats("softmax")
    #expect(softmax.shape == [3, 9, 17, 14])
    for label in 0..<3 {
      for z in 0..<9 {
        for y in 0..<17 {
          for x in 0..<14 {
            let inside = 2..<8 ~= z && 3..<16 ~= y && 1..<12 ~= x
            let value = inside ? expected[label, z - 2, y - 3, x - 1] : 0
            // Half precision keeps eleven bits.
            #expect(abs(softmax[label, z, y, x] - value) <= 5e-4 * value, "\(z) \(y) \(x)")
          }
        }
      }
    }
  }

  @Test func theMostProbableLabelsAreTheSegmentation() throws {
    let folder = try temporaryFolder()
    let probabilities = prepared(outputs: 4, size: [7, 6, 6])
    let export = SegmentationExport(transposeBackward: backward)
    try ProbabilitiesFile.write(
      spill(probabilities, into: folder), export: export, properties: properties,
      identifier: "case", into: folder)
    let softmax = try NPZFile(at: ProbabilitiesFile.archive(of: "case", in: folder))
      .readFloats("softmax")
    let segmentation = export.segmentation(from: probabilities, properties: properties)
    let labels = mostProbableLabels(softmax)
    let differing = zip(labels.scalars, segmentation.labels.scalars).filter { $0 != $1 }.count
    // Rounding to half precision makes a few voxels ties.
    #expect(differing <= labels.count / 200)
    #expect(Set(labels.scalars) == [0, 1, 2, 3])
  }

  @Test func propertiesSayWhatRegionsBecome() throws {
    let folder = try temporaryFolder()
    let export = SegmentationExport(
      transposeBackward: backward, scheme: .regions(classOrder: [2, 1]))
    try ProbabilitiesFile.write(
      spill(prepared(outputs: 2, size: [7, 6, 6]), into: folder), export: export,
      properties: properties, identifier: "case", into: folder)
    var expected = properties
    expected.regionsClassOrder = [2, 1]
    let written = try JSONFile.read(
      CaseProperties.self, from: ProbabilitiesFile.properties(of: "case", in: folder))
    #expect(written == expected)
    // Nothing else is left behind.
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["case.json", "case.npz"])
  }

  /// Probabilities that vary in all directions and sum to 1.
  private func prepared(outputs: Int, size: [Int]) -> DenseArray<Float> {
    let voxels = size.reduce(1, *)
    let raw = (0..<outputs * voxels).map { index in
      1 + sin(Float(index % voxels) * 0.37 + Float(index / voxels) * 2.1)
    }
    let sums = (0..<voxels).map { voxel in
      (0..<outputs).reduce(Float(0)) { $0 + raw[$1 * voxels + voxel] }
    }
    return DenseArray(
      shape: [outputs] + size, scalars: raw.enumerated().map { $1 / sums[$0 % voxels] })
  }

  /// The probabilities as a network gives them: slabs of two planes, then the rest.
  private func spill(
    _ probabilities: DenseArray<Float>, into folder: URL
  ) throws -> ProbabilitySpill {
    let (outputs, size) = (probabilities.shape[0], Array(probabilities.shape[1...]))
    let spill = try ProbabilitySpill(in: folder, outputs: outputs, size: size)
    let area = size[1] * size[2]
    for planes in [0..<2, 2..<4, 4..<size[0]] {
      let scalars = (0..<outputs).flatMap { output in
        probabilities.scalars[
          (output * size[0] + planes.lowerBound) * area..<(output * size[0] + planes.upperBound)
            * area]
      }
      try spill.append(
        DenseArray(shape: [outputs, planes.count] + size[1...], scalars: scalars))
    }
    return spill
  }
}
