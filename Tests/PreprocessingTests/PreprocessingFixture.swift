import Arrays
import Foundation
import Imaging
import JSON
import Plans
import TestSupport
import Testing

@testable import Preprocessing

/// The manifest of the fixture `preprocessing`.
struct PreprocessingManifest: Decodable, Sendable {
  struct Intensities: Decodable, Sendable {
    var mean: Double
    var sd: Double
    var lowest: Double
    var highest: Double

    var statistics: IntensityStatistics {
      IntensityStatistics(
        median: mean, mean: mean, standardDeviation: sd, minimum: lowest,
        maximum: highest, percentile99p5: highest,
        percentile0p5: lowest)
    }

    enum CodingKeys: String, CodingKey {
      case mean, sd
      case lowest = "percentile_00_5"
      case highest = "percentile_99_5"
    }
  }

  struct Prepared: Decodable, Sendable, CustomTestStringConvertible {
    var tag: String
    var scheme: NormalizationScheme
    var mask: Bool
    var transpose: [Int]
    var target: [Double]
    var rule: String
    var spacing: [Double]
    var testDescription: String { tag }
  }

  struct Locations: Decodable, Sendable {
    var count: Int
    var first: [[Int]]
    var last: [[Int]]
    var sums: [Int]
    var order: Int
  }

  var cropBox: [[Int]]
  var labels: [Int]
  var intensities: [String: Intensities]
  var prepared: [Prepared]
  var locations: Locations

  enum CodingKeys: String, CodingKey {
    case labels, intensities, prepared, locations
    case cropBox = "crop_box"
  }
}

enum PreprocessingFixture {
  static let spacing = [2.0, 0.9, 1.1]

  static func load() throws -> ArrayFixture<PreprocessingManifest> {
    try ArrayFixture<PreprocessingManifest>("preprocessing")
  }

  /// For the arguments of tests; a fixture that cannot be read fails in the test itself.
  static let manifest: PreprocessingManifest? = try? load().manifest

  static func properties(shape: [Int], spacing: [Double] = spacing) -> CaseProperties {
    CaseProperties(
      originalSize: shape, originalSpacing: spacing,
      imageFiles: ["case_0000.nii.gz", "case_0001.nii.gz"], labelFile: "case.nii.gz",
      itkOrigin: [1, 2, 3], itkSpacing: spacing.reversed(),
      itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: shape.map { [0, $0] }, labels: [],
      sizeAfterCropping: shape)
  }

  static func rawCase() throws -> RawCase {
    let fixture = try load()
    let data = try fixture.array("data")
    return RawCase(
      data: data, labels: try fixture.labels("labels"),
      properties: properties(shape: Array(data.shape.dropFirst())))
  }
}

/// Plans with one stage for a dataset with `channels` equal channels.
func makePlans(
  spacing: [Double], scheme: NormalizationScheme = .zScore, masked: Bool = false,
  transpose: [Int] = [0, 1, 2], preprocessor: String = ExperimentPlans.preprocessor3D,
  channels: Int = 2, intensities: [Int: IntensityStatistics]? = nil, classes: [Int] = [1, 2]
) -> ExperimentPlans {
  func perChannel<Value>(_ value: Value) -> [Int: Value] {
    Dictionary(uniqueKeysWithValues: (0..<channels).map { ($0, value) })
  }
  let fingerprint = DatasetFingerprint(
    sizes: [], spacings: [], foregroundLabels: classes, channelNames: perChannel("MRI"),
    intensities: intensities, sizeReductions: [:])
  let stage = StagePlan(
    batchSize: 2, poolCounts: [1, 1, 1], patchSize: [8, 16, 16], medianSize: [8, 16, 16],
    spacing: spacing, originalSpacing: spacing, usesDummy2DAugmentation: false,
    poolStrides: [[2, 2, 2]], convolutionKernels: [[3, 3, 3], [3, 3, 3]])
  return ExperimentPlans(
    stages: [0: stage], channelNames: perChannel("MRI"),
    normalizationSchemes: perChannel(scheme), fingerprint: fingerprint, baseFeatureCount: 32,
    usesMaskForNormalization: perChannel(masked), transposeForward: transpose,
    transposeBackward: [0, 1, 2].map { transpose.firstIndex(of: $0)! },
    dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: preprocessor,
    convolutionsPerStage: 2)
}

/// A raw task of small random volumes in a temporary folder.
struct TinyTask {
  let raw: URL
  let description: DatasetDescription

  init(cases: [String], channels: Int = 1, shape: [Int] = [6, 9, 8]) throws {
    raw = try temporaryFolder()
    for name in ["imagesTr", "labelsTr"] {
      try FileManager.default.createDirectory(
        at: raw.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    description = DatasetDescription(
      name: "Tiny",
      channelNames: Dictionary(uniqueKeysWithValues: (0..<channels).map { ($0, "MRI") }),
      labels: [0: "background", 1: "a", 2: "b"],
      training: cases.map(DatasetDescription.TrainingCase.init(identifier:)))
    for identifier in cases { try write(identifier, shape: shape) }
    try JSONFile.write(description, to: raw.appendingPathComponent("dataset.json"))
  }

  func imageFiles(_ identifier: String) -> [URL] {
    description.imageFiles(of: identifier, in: raw)
  }

  func labelFile(_ identifier: String) -> URL {
    raw.appendingPathComponent("labelsTr/\(identifier).nii.gz")
  }

  /// Writes a case whose outermost voxels are empty.
  func write(_ identifier: String, shape: [Int], seed: UInt64 = 1) throws {
    var random = StreamRandom(
      seed: seed, stream: UInt64(identifier.utf8.reduce(0) { $0 + Int($1) }))
    let geometry = Geometry(spacing: [1.1, 0.9, 2], origin: [3, -4, 5])
    var labels = DenseArray<UInt8>(shape: shape, filledWith: 0)
    var image = DenseArray<Float>(shape: shape, filledWith: 0)
    for file in imageFiles(identifier) {
      for z in 1..<shape[0] - 1 {
        for y in 1..<shape[1] - 1 {
          for x in 1..<shape[2] - 1 {
            labels[z, y, x] = UInt8.random(in: 0...2, using: &random)
            image[z, y, x] = Float.random(in: 1...200, using: &random).rounded()
          }
        }
      }
      try NIfTIFile.write(Volume(voxels: image, geometry: geometry), to: file)
    }
    try NIfTIFile.write(LabelVolume(labels: labels, geometry: geometry), to: labelFile(identifier))
  }
}
