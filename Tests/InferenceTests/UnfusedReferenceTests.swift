import Arrays
import Foundation
import Imaging
import Networks
import Plans
import Preprocessing
import Resampling
import TestSupport
import Testing
import Torch

@testable import Inference

/// The whole way from an image file to its segmentation, compared with a plain version: every
/// volume kept whole, one voxel after the other, nothing fused, batched or spilled.
@Suite struct UnfusedReferenceTests {
  private static let patch = [6, 8, 10]
  private static let labelCount = 4

  @Test(arguments: [[1, 2, 1.5], [1, 1.1, 4]], [true, false])
  func filesEqualThePlainWay(spacing: [Double], spills: Bool) throws {
    let folder = try temporaryFolder()
    let image = folder.appending(path: "a_0000.nii.gz")
    try writeImage(to: image)
    let plans = plans(spacing: spacing)
    let networks = try [1, 2].map(network)
    let preprocessor = try Preprocessor(plans: plans, stage: 0)

    let rules = try PredictionRules(
      plans: plans, stage: #require(plans.stages[0]), scheme: .labels, file: folder)
    var options = PredictionOptions()
    options.exportThreads = 2
    if spills { options.memoryForSums = 1 }
    let predictor = FolderPredictor(
      preprocessor: preprocessor,
      pipeline: PredictionPipeline(
        networks.map {
          rules.tilePredictor(
            $0, on: .cpu, mirrorAxes: nil, precision: .float32, options: options)
        }, rules: rules, options: options))
    let problems = predictor.predict(
      [ImageCase(identifier: "a", imageFiles: [image])], into: folder)
    #expect(problems.isEmpty, "\(problems)")
    let found = try NIfTIFile.readLabels(at: folder.appending(path: "a.nii.gz"))

    let prepared = try preprocessor.preprocessTestCase(imageFiles: [image])
    let (labels, margins) = try plainly(prepared, networks, plans)
    #expect(found.labels.shape == labels.shape)
    #expect(Set(labels.scalars).count == Self.labelCount)
    #expect(prepared.properties.sizeAfterCropping != prepared.properties.originalSize)
    // Where the two best labels are equal up to rounding, either may be chosen.
    for (index, label) in found.labels.scalars.enumerated() where label != labels.scalars[index] {
      #expect(margins[index] < 2e-5, "voxel \(index)")
    }
  }

  // MARK: - The plain way

  /// The labels of the whole image, and the margin of the best over the second.
  private func plainly(
    _ prepared: PreparedCase, _ networks: [any SegmentationNetwork], _ plans: ExperimentPlans
  ) throws -> (labels: DenseArray<UInt8>, margins: [Float]) {
    let properties = prepared.properties
    let probabilities = try networks.map { try plainProbabilities(prepared.data, $0) }
    let mean = DenseArray(
      shape: probabilities[0].shape,
      scalars: zip(probabilities[0].scalars, probabilities[1].scalars).map { ($0 + $1) / 2 })
    let backward = plans.transposeBackward
    let spacing = try #require(properties.spacingAfterResampling)
    let resampled = resampleProbabilities(
      mean.transposed([0] + backward.map { $0 + 1 }), to: properties.sizeAfterCropping,
      originalSpacing: properties.originalSpacing, currentSpacing: backward.map { spacing[$0] })
    var labels = DenseArray<UInt8>(shape: properties.originalSize, filledWith: 0)
    var margins = [Float](repeating: 0, count: labels.count)
    let (size, box) = (properties.sizeAfterCropping, properties.cropBox)
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        for x in 0..<size[2] {
          let values = (0..<Self.labelCount).map { resampled[$0, z, y, x] }
          let best = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
          labels[z + box[0][0], y + box[1][0], x + box[2][0]] = UInt8(best)
          let whole = properties.originalSize
          let index = ((z + box[0][0]) * whole[1] + y + box[1][0]) * whole[2] + x + box[2][0]
          let sorted = values.sorted(by: >)
          margins[index] = sorted[0] - sorted[1]
        }
      }
    }
    return (labels, margins)
  }

  private func plainProbabilities(
    _ image: DenseArray<Float>, _ network: any SegmentationNetwork
  ) throws -> DenseArray<Float> {
    let size = Array(image.shape.dropFirst())
    let weights = gaussianImportance(patchSize: Self.patch)
    var sums = DenseArray<Double>(shape: [Self.labelCount] + size, filledWith: 0)
    var total = DenseArray<Double>(shape: size, filledWith: 0)
    let predictor = NetworkTilePredictor(network, device: .cpu, mirrorAxes: [])
    for origin in try SlidingWindow(imageSize: size, patchSize: Self.patch).origins {
      var tile = DenseArray<Float>(shape: [1] + Self.patch, filledWith: 0)
      forEachVoxel(Self.patch) { p in
        let q = zip(p, origin).map { $0 + $1 }
        guard zip(q, size).allSatisfy({ 0..<$1 ~= $0 }) else { return }
        tile[0, p[0], p[1], p[2]] = image[0, q[0], q[1], q[2]]
      }
      for mirrored in 0..<8 {
        let axes = (0..<3).filter { mirrored >> $0 & 1 == 1 }
        let flipped = flip(tile, axes)
        let output = try predictor.probabilities(
          ofTiles: DenseArray(shape: [1] + flipped.shape, scalars: flipped.scalars))
        let result = flip(
          DenseArray(shape: Array(output.shape.dropFirst()), scalars: output.scalars), axes)
        forEachVoxel(Self.patch) { p in
          let q = zip(p, origin).map { $0 + $1 }
          guard zip(q, size).allSatisfy({ 0..<$1 ~= $0 }) else { return }
          let weight = Double(weights[p[0], p[1], p[2]])
          total[q[0], q[1], q[2]] += weight
          for label in 0..<Self.labelCount {
            sums[label, q[0], q[1], q[2]] += weight * Double(result[label, p[0], p[1], p[2]])
          }
        }
      }
    }
    let voxels = total.count
    return DenseArray(
      shape: sums.shape,
      scalars: sums.scalars.enumerated().map { Float($1 / total.scalars[$0 % voxels]) })
  }

  private func flip(_ volume: DenseArray<Float>, _ axes: [Int]) -> DenseArray<Float> {
    var result = volume
    let size = Array(volume.shape.dropFirst())
    for channel in 0..<volume.shape[0] {
      forEachVoxel(size) { p in
        let q = p.indices.map { axes.contains($0) ? size[$0] - 1 - p[$0] : p[$0] }
        result[channel, p[0], p[1], p[2]] = volume[channel, q[0], q[1], q[2]]
      }
    }
    return result
  }

  private func forEachVoxel(_ size: [Int], _ body: ([Int]) -> Void) {
    for z in 0..<size[0] { for y in 0..<size[1] { for x in 0..<size[2] { body([z, y, x]) } } }
  }

  // MARK: - Image, plans and networks

  /// Noise in a box, nothing around it.
  private func writeImage(to url: URL) throws {
    var random = StreamRandom(seed: 5, stream: 1)
    let size = [13, 15, 12]
    var voxels = DenseArray<Float>(shape: size, filledWith: 0)
    for z in 1..<12 {
      for y in 3..<15 {
        for x in 2..<11 { voxels[z, y, x] = Float.random(in: 50...150, using: &random) }
      }
    }
    let geometry = Geometry(spacing: [1.2, 1.5, 1], origin: [3, 2, 1])
    try NIfTIFile.write(Volume(voxels: voxels, geometry: geometry), to: url)
  }

  private func plans(spacing: [Double]) -> ExperimentPlans {
    let stage = StagePlan(
      batchSize: 2, poolCounts: [1, 1, 1], patchSize: Self.patch, medianSize: [9, 9, 9],
      spacing: spacing, originalSpacing: spacing, usesDummy2DAugmentation: false,
      poolStrides: [[2, 2, 2]], convolutionKernels: [[3, 3, 3], [3, 3, 3]])
    let fingerprint = DatasetFingerprint(
      sizes: [[9, 9, 9]], spacings: [[1, 1.5, 1.2]],
      foregroundLabels: Array(1..<Self.labelCount), channelNames: [0: "MRI"], intensities: nil,
      sizeReductions: [:])
    return ExperimentPlans(
      stages: [0: stage], channelNames: [0: "MRI"], normalizationSchemes: [0: .zScore],
      fingerprint: fingerprint, baseFeatureCount: 4, usesMaskForNormalization: [0: false],
      transposeForward: [2, 0, 1], transposeBackward: [1, 2, 0],
      dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: "GenericPreprocessor",
      convolutionsPerStage: 2)
  }

  private func network(seed: Int) throws -> any SegmentationNetwork {
    let configuration = UNetConfiguration(
      inputChannels: 1, outputChannels: Self.labelCount, baseFeatures: 4, maximumFeatures: 320,
      poolStrides: [[2, 2, 2]], kernels: [[3, 3, 3], [3, 3, 3]])
    return try TrainableNetwork(configuration, seed: UInt64(seed), on: .cpu).network
  }
}
