import Archives
import Arrays
import Foundation
import HostSystem
import Imaging
import Inference
import JSON
import Plans

/// The probabilities of one case, read in parts: key `softmax`, half or single precision.
final class StoredProbabilities {
  /// Label (or region), z, y, x.
  let shape: [Int]
  private let half: NPZArrayStream<HalfPrecision>?
  private let single: NPZArrayStream<Float>?

  init(at url: URL) throws {
    let file = try NPZFile(at: url)
    let isHalf =
      try file.header(of: ProbabilitiesFile.arrayName).scalarCode == HalfPrecision.npyCode
    half = isHalf ? try file.stream(ProbabilitiesFile.arrayName) : nil
    single = isHalf ? nil : try file.stream(ProbabilitiesFile.arrayName)
    shape = half?.shape ?? single?.shape ?? []
    guard shape.count == 4, 1...256 ~= shape[0] else {
      throw ModelSelectionError.noProbabilityArray(file: url.path, shape: shape)
    }
  }

  /// Adds the next numbers to the first of `sum`.
  func addNext(_ count: Int, to sum: inout [Float]) throws {
    if let half {
      var values = [HalfPrecision](repeating: HalfPrecision(0), count: count)
      _ = try values.withUnsafeMutableBufferPointer { try half.fill($0) }
      for index in 0..<count { sum[index] += values[index].float }
    } else if let single {
      var values = [Float](repeating: 0, count: count)
      _ = try values.withUnsafeMutableBufferPointer { try single.fill($0) }
      for index in 0..<count { sum[index] += values[index] }
    }
  }
}

/// The geometry of a case's image and the meaning of its probabilities.
struct CasePlace {
  var folder: URL
  var name: String
  /// The ending of the folder's segmentations.
  var ending: FileEnding

  private var propertiesFile: URL { ProbabilitiesFile.properties(of: name, in: folder) }
  private var segmentationFile: URL {
    folder.appending(path: ending.fileName(of: name))
  }

  /// The meaning of the probabilities: labels if nothing else is stored.
  func labelScheme() throws -> LabelScheme {
    LabelScheme(regionsClassOrder: try properties()?.regionsClassOrder)
  }

  /// The geometry from `CASE.json`, or, for nnU-Net v1's files, from `CASE.nii.gz`.
  func geometry(shape: [Int]) throws -> Geometry {
    let found: (geometry: Geometry, shape: [Int])
    if let properties = try properties() {
      let geometry = Geometry(
        spacing: properties.itkSpacing, origin: properties.itkOrigin,
        direction: properties.itkDirection)
      found = (geometry, properties.originalSize)
    } else if fileExists(segmentationFile) {
      let segmentation = try VolumeFile.readLabels(at: segmentationFile)
      found = (segmentation.geometry, segmentation.labels.shape)
    } else {
      throw ModelSelectionError.filesMissing([propertiesFile.path])
    }
    guard found.shape == shape else {
      throw ModelSelectionError.notTheWholeImage(
        case: name, probabilities: shape, image: found.shape)
    }
    return found.geometry
  }

  /// Copies `CASE.json`, if there is one.
  func copyProperties(to output: URL) throws {
    guard let properties = try properties() else { return }
    try JSONFile.write(properties, to: ProbabilitiesFile.properties(of: name, in: output))
  }

  private func properties() throws -> CaseProperties? {
    guard fileExists(propertiesFile) else { return nil }
    return try JSONFile.read(CaseProperties.self, from: propertiesFile)
  }
}
